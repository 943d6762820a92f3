#include "products.h"

#include <algorithm>
#include <string>

#include "../autocast.h"
#include "../autograd/record.h"
#include "../dispatch.h"
#include "arithmetic.h"
#include "matrix_product.h"
#include "rearrange.h"

namespace cuttle {
namespace {

void check_vectors(std::string_view op, const Tensor& a, const Tensor& b) {
  check_defined(op, a);
  check_defined(op, b);
  check_same_device(op, {&a, &b});
  if (a.dim() != 1 || b.dim() != 1)
    fail(op, ": expected two vectors, got shapes ", a.shape(), " and ", b.shape());
}

// The dimensions of `x` with those that are contracted at the end or at the front.
std::vector<int64_t> order_of(const Tensor& x, const std::vector<int>& contracted, bool at_end) {
  std::vector<int64_t> others;
  for (int d = 0; d < x.dim(); ++d)
    if (std::find(contracted.begin(), contracted.end(), d) == contracted.end()) others.push_back(d);
  others.insert(at_end ? others.end() : others.begin(), contracted.begin(), contracted.end());
  return others;
}

std::vector<int> wrapped(const Tensor& x, const std::vector<int64_t>& dims) {
  std::vector<int> all;
  for (const int64_t dim : dims) {
    const int d = wrap_dim("tensordot", dim, x.dim());
    if (std::find(all.begin(), all.end(), d) != all.end())
      fail("tensordot: dimension ", dim, " of shape ", x.shape(), " is given twice");
    all.push_back(d);
  }
  return all;
}

Tensor dot_as(std::string_view op, const Tensor& a, const Tensor& b) {
  if (const auto wide = autocast_widest({&a, &b})) return dot_as(op, a.to(*wide), b.to(*wide));
  check_vectors(op, a, b);
  check_factors(op, a, b);
  if (a.numel() != b.numel())
    fail(op, ": vectors of ", a.numel(), " and ", b.numel(), " elements do not fit");
  return product(op, a.unsqueeze(0), b.unsqueeze(1)).reshape(Shape{});
}

}  // namespace

Tensor outer(const Tensor& column, const Tensor& row) {
  check_vectors("outer", column, row);
  return column.unsqueeze(1) * row.unsqueeze(0);
}

Tensor addr(const Tensor& input, const Tensor& column, const Tensor& row, Scalar beta,
            Scalar alpha) {
  check_vectors("addr", column, row);
  check_factors("addr", column, row);
  check_summand("addr", input, column, {column.numel(), row.numel()}, beta, alpha);
  return product_added("addr", input, column.unsqueeze(1), row.unsqueeze(0), beta, alpha);
}

Tensor dot(const Tensor& a, const Tensor& b) {
  return dot_as("dot", a, b);
}

Tensor vdot(const Tensor& a, const Tensor& b) {
  return dot_as("vdot", a, b);
}

Tensor inner(const Tensor& a, const Tensor& b) {
  check_factors("inner", a, b);
  if (a.dim() == 0 || b.dim() == 0) return a * b;
  if (a.size(-1) != b.size(-1))
    fail("inner: shapes ", a.shape(), " and ", b.shape(), " do not fit: last dimensions of ",
         a.size(-1), " and ", b.size(-1), " elements");
  return tensordot(a, b, {-1}, {-1});
}

Tensor tensordot(const Tensor& a, const Tensor& b, const std::vector<int64_t>& dims_a,
                 const std::vector<int64_t>& dims_b) {
  if (const auto wide = autocast_widest({&a, &b}))
    return tensordot(a.to(*wide), b.to(*wide), dims_a, dims_b);
  check_factors("tensordot", a, b);
  if (dims_a.size() != dims_b.size())
    fail("tensordot: ", dims_a.size(), " dimensions of the first tensor meet ", dims_b.size(),
         " of the second");
  const std::vector<int> from_a = wrapped(a, dims_a), from_b = wrapped(b, dims_b);
  Tensor left = a, right = b;
  int64_t contracted = 1;
  for (size_t i = 0; i < from_a.size(); ++i) {
    const int64_t m = a.size(from_a[i]), n = b.size(from_b[i]);
    if (m != n && m != 1 && n != 1)
      fail("tensordot: shapes ", a.shape(), " and ", b.shape(), " do not fit: dimension ",
           from_a[i], " of ", m, " elements meets dimension ", from_b[i], " of ", n);
    // One element meets many: their sum meets it.
    if (m != n && m == 1) right = right.sum(from_b[i], true);
    if (m != n && n == 1) left = left.sum(from_a[i], true);
    contracted *= std::min(m, n);
  }
  Shape shape;
  for (int d = 0; d < a.dim(); ++d)
    if (std::find(from_a.begin(), from_a.end(), d) == from_a.end()) shape.push_back(a.size(d));
  const int64_t rows = shape.numel();
  int64_t columns = 1;
  for (int d = 0; d < b.dim(); ++d)
    if (std::find(from_b.begin(), from_b.end(), d) == from_b.end()) {
      shape.push_back(b.size(d));
      columns *= b.size(d);
    }
  left = left.permute(order_of(a, from_a, true)).reshape(rows, contracted);
  right = right.permute(order_of(b, from_b, false)).reshape(contracted, columns);
  return product("tensordot", left, right).reshape(shape);
}

Tensor tensordot(const Tensor& a, const Tensor& b, int64_t dims) {
  check_factors("tensordot", a, b);
  if (dims < 0 || dims > a.dim() || dims > b.dim())
    fail("tensordot: ", dims, " dimensions cannot be contracted of shapes ", a.shape(), " and ",
         b.shape());
  std::vector<int64_t> last, first;
  for (int64_t d = 0; d < dims; ++d) {
    last.push_back(a.dim() - dims + d);
    first.push_back(d);
  }
  return tensordot(a, b, last, first);
}

Tensor kron(const Tensor& a, const Tensor& b) {
  check_defined("kron", a);
  check_defined("kron", b);
  check_same_device("kron", {&a, &b});
  const int rank = std::max(a.dim(), b.dim());
  if (rank > kMaxRank / 2)
    fail("kron: at most ", kMaxRank / 2, " dimensions, got shapes ", a.shape(), " and ", b.shape());
  Shape left, right, shape;
  for (int d = 0; d < rank; ++d) {
    const int at_a = d - (rank - a.dim()), at_b = d - (rank - b.dim());
    const int64_t m = at_a < 0 ? 1 : a.shape()[at_a], n = at_b < 0 ? 1 : b.shape()[at_b];
    left.push_back(m);
    left.push_back(1);
    right.push_back(1);
    right.push_back(n);
    shape.push_back(m * n);
  }
  return (a.reshape(left) * b.reshape(right)).reshape(shape);
}

Tensor cross(const Tensor& a, const Tensor& b, std::optional<int64_t> dim) {
  check_defined("cross", a);
  check_defined("cross", b);
  check_same_device("cross", {&a, &b});
  const Shape shape = broadcast_shapes("cross", a.shape(), b.shape());
  int d = 0;
  while (!dim && d < shape.size() && shape[d] != 3) ++d;
  if (dim) d = wrap_dim("cross", *dim, shape.size());
  if (d >= shape.size() || shape[d] != 3)
    fail("cross: expected a dimension of 3 elements", dim ? " along " + std::to_string(d) : "",
         ", got shapes ", a.shape(), " and ", b.shape());
  const Tensor x = a.expand(shape), y = b.expand(shape);
  const auto next = [d](const Tensor& t) { return t.roll(-1, d); };
  const auto last = [d](const Tensor& t) { return t.roll(1, d); };
  return next(x) * last(y) - last(x) * next(y);
}

Tensor trace(const Tensor& x) {
  check_defined("trace", x);
  if (x.dim() != 2) fail("trace: expected a matrix, got shape ", x.shape());
  return x.diagonal().sum();
}

Tensor MatrixMethods::addr(const Tensor& column, const Tensor& row, Scalar beta,
                           Scalar alpha) const {
  return cuttle::addr(self(*this), column, row, beta, alpha);
}
Tensor MatrixMethods::outer(const Tensor& row) const {
  return cuttle::outer(self(*this), row);
}
Tensor MatrixMethods::dot(const Tensor& other) const {
  return cuttle::dot(self(*this), other);
}
Tensor MatrixMethods::vdot(const Tensor& other) const {
  return cuttle::vdot(self(*this), other);
}
Tensor MatrixMethods::inner(const Tensor& other) const {
  return cuttle::inner(self(*this), other);
}
Tensor MatrixMethods::kron(const Tensor& other) const {
  return cuttle::kron(self(*this), other);
}
Tensor MatrixMethods::cross(const Tensor& other, std::optional<int64_t> dim) const {
  return cuttle::cross(self(*this), other, dim);
}
Tensor MatrixMethods::trace() const {
  return cuttle::trace(self(*this));
}

}  // namespace cuttle
