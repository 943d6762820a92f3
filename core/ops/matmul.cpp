#include "matmul.h"
#include "../autocast.h"

#include <algorithm>

#include "../dispatch.h"
#include "matrix_product.h"
#include "overwrite.h"

namespace cuttle {
namespace {

// The columns of a (…, m, k) must meet as many rows of b (…, k, n).
void check_inner(std::string_view op, const Tensor& a, const Tensor& b, int64_t columns,
                 int64_t rows) {
  if (columns != rows)
    fail(op, ": shapes ", a.shape(), " and ", b.shape(), " do not fit: ", columns, " columns meet ",
         rows, " rows; is a .t() missing?");
}

void check_ranks(std::string_view op, const Tensor& a, int rank_a, const Tensor& b, int rank_b) {
  check_factors(op, a, b);
  if (a.dim() != rank_a || b.dim() != rank_b)
    fail(op, ": expected tensors of ", rank_a, " and ", rank_b, " dimensions, got shapes ",
         a.shape(), " and ", b.shape(), "; matmul takes other numbers of dimensions");
}

void check_batches(std::string_view op, const Tensor& a, const Tensor& b) {
  check_ranks(op, a, 3, b, 3);
  if (a.size(0) != b.size(0))
    fail(op, ": shapes ", a.shape(), " and ", b.shape(), " do not fit: batches of ", a.size(0),
         " and ", b.size(0), " matrices; matmul broadcasts a batch of 1");
  check_inner(op, a, b, a.size(2), b.size(1));
}

// Leading dimensions repeated to `batch`.
Tensor with_batch(const Tensor& x, const Shape& batch) {
  Shape shape = batch;
  shape.push_back(x.size(-2));
  shape.push_back(x.size(-1));
  return shape == x.shape() ? x : x.expand(shape);
}

Shape leading(const Tensor& x) {
  return Shape(std::span(x.shape().begin(), x.shape().end() - 2));
}

void check_broadcast(const Tensor& a, const Tensor& b) {
  for (int d = 3; d <= std::min(a.dim(), b.dim()); ++d)
    if (a.size(-d) != b.size(-d) && a.size(-d) != 1 && b.size(-d) != 1)
      fail("matmul: shapes ", a.shape(), " and ", b.shape(), " do not fit: batches of ", a.size(-d),
           " and ", b.size(-d), " matrices (dimension ", -d,
           "), which must be equal, or one of them 1");
}

// left (…, m, k), right (…, k, n).
Tensor multiply_broadcast(const Tensor& left, const Tensor& right) {
  if (left.dim() == 2 && right.dim() == 2) return product("matmul", left, right);
  if (right.dim() == 2) {  // one product with all rows, whose gradient needs no sum over batches
    Shape shape = left.shape();
    shape[shape.size() - 1] = 1;
    const int64_t rows = shape.numel();
    shape[shape.size() - 1] = right.size(1);
    return product("matmul", left.reshape(rows, left.size(-1)), right).reshape(shape);
  }
  const Shape batch = broadcast_shapes("matmul", leading(left), leading(right));
  return product("matmul", with_batch(left, batch), with_batch(right, batch));
}

// addmm_ and its kin.
Tensor& stored(std::string_view op, Tensor& x, const Tensor& result) {
  if (result.shape() != x.shape())
    fail(op, ": the result of shape ", result.shape(), " does not fit into this tensor of shape ",
         x.shape(), ", which cannot grow in place");
  return overwrite(op, x, result);
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  if (autocast_lowers({&a, &b})) return cuttle::matmul(autocast_lowered(a), autocast_lowered(b));
  check_factors("matmul", a, b);
  if (a.dim() == 0 || b.dim() == 0)
    fail("matmul: both operands need at least one dimension, got shapes ", a.shape(), " and ",
         b.shape(), "; use * for scalars");
  const Tensor left = a.dim() == 1 ? a.unsqueeze(0) : a;
  const Tensor right = b.dim() == 1 ? b.unsqueeze(1) : b;
  check_inner("matmul", a, b, left.size(-1), right.size(-2));
  check_broadcast(a, b);
  const Tensor out = multiply_broadcast(left, right);
  if (a.dim() > 1 && b.dim() > 1) return out;
  Shape shape = out.shape();
  if (b.dim() == 1) shape.erase(shape.size() - 1);
  if (a.dim() == 1) shape.erase(shape.size() - (b.dim() == 1 ? 1 : 2));
  return out.reshape(shape);
}

Tensor mm(const Tensor& a, const Tensor& b) {
  if (autocast_lowers({&a, &b})) return mm(autocast_lowered(a), autocast_lowered(b));
  check_ranks("mm", a, 2, b, 2);
  check_inner("mm", a, b, a.size(1), b.size(0));
  return product("mm", a, b);
}

Tensor bmm(const Tensor& a, const Tensor& b) {
  if (autocast_lowers({&a, &b})) return bmm(autocast_lowered(a), autocast_lowered(b));
  check_batches("bmm", a, b);
  return product("bmm", a, b);
}

Tensor mv(const Tensor& matrix, const Tensor& vector) {
  if (autocast_lowers({&matrix, &vector}))
    return mv(autocast_lowered(matrix), autocast_lowered(vector));
  check_ranks("mv", matrix, 2, vector, 1);
  check_inner("mv", matrix, vector, matrix.size(1), vector.size(0));
  return product("mv", matrix, vector.unsqueeze(1)).squeeze(1);
}

Tensor addmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) {
  if (autocast_lowers({&input, &a, &b}))
    return addmm(autocast_lowered(input), autocast_lowered(a), autocast_lowered(b), beta, alpha);
  check_ranks("addmm", a, 2, b, 2);
  check_inner("addmm", a, b, a.size(1), b.size(0));
  check_summand("addmm", input, a, {a.size(0), b.size(1)}, beta, alpha);
  return product_added("addmm", input, a, b, beta, alpha);
}

Tensor baddbmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) {
  if (autocast_lowers({&input, &a, &b}))
    return baddbmm(autocast_lowered(input), autocast_lowered(a), autocast_lowered(b), beta, alpha);
  check_batches("baddbmm", a, b);
  check_summand("baddbmm", input, a, {a.size(0), a.size(1), b.size(2)}, beta, alpha);
  return product_added("baddbmm", input, a, b, beta, alpha);
}

Tensor addbmm(const Tensor& input, const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) {
  if (autocast_lowers({&input, &a, &b}))
    return addbmm(autocast_lowered(input), autocast_lowered(a), autocast_lowered(b), beta, alpha);
  check_batches("addbmm", a, b);
  check_summand("addbmm", input, a, {a.size(1), b.size(2)}, beta, alpha);
  // The sum over the batch is a longer sum over k.
  const int64_t inner = a.size(0) * a.size(2);
  return product_added("addbmm", input, a.transpose(0, 1).reshape(a.size(1), inner),
                       b.reshape(inner, b.size(2)), beta, alpha);
}

Tensor addmv(const Tensor& input, const Tensor& matrix, const Tensor& vector, Scalar beta,
             Scalar alpha) {
  if (autocast_lowers({&input, &matrix, &vector}))
    return addmv(autocast_lowered(input), autocast_lowered(matrix), autocast_lowered(vector), beta,
                 alpha);
  check_ranks("addmv", matrix, 2, vector, 1);
  check_inner("addmv", matrix, vector, matrix.size(1), vector.size(0));
  check_summand("addmv", input, matrix, {matrix.size(0)}, beta, alpha);
  return product_added("addmv", input.dim() == 0 ? input : input.unsqueeze(1), matrix,
                       vector.unsqueeze(1), beta, alpha)
      .squeeze(1);
}

Tensor MatrixMethods::matmul(const Tensor& other) const {
  return cuttle::matmul(self(*this), other);
}
Tensor MatrixMethods::mm(const Tensor& other) const {
  return cuttle::mm(self(*this), other);
}
Tensor MatrixMethods::bmm(const Tensor& other) const {
  return cuttle::bmm(self(*this), other);
}
Tensor MatrixMethods::mv(const Tensor& vector) const {
  return cuttle::mv(self(*this), vector);
}
Tensor MatrixMethods::addmm(const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) const {
  return cuttle::addmm(self(*this), a, b, beta, alpha);
}
Tensor MatrixMethods::baddbmm(const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) const {
  return cuttle::baddbmm(self(*this), a, b, beta, alpha);
}
Tensor MatrixMethods::addbmm(const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) const {
  return cuttle::addbmm(self(*this), a, b, beta, alpha);
}
Tensor MatrixMethods::addmv(const Tensor& matrix, const Tensor& vector, Scalar beta,
                            Scalar alpha) const {
  return cuttle::addmv(self(*this), matrix, vector, beta, alpha);
}

#define CUTTLE_ADDED_IN_PLACE(name)                                                             \
  Tensor& MatrixMethods::name##_(const Tensor& a, const Tensor& b, Scalar beta, Scalar alpha) { \
    return stored(#name "_", self(*this), name(a, b, beta, alpha));                             \
  }
CUTTLE_ADDED_IN_PLACE(addmm)
CUTTLE_ADDED_IN_PLACE(baddbmm)
CUTTLE_ADDED_IN_PLACE(addbmm)
CUTTLE_ADDED_IN_PLACE(addmv)
CUTTLE_ADDED_IN_PLACE(addr)
#undef CUTTLE_ADDED_IN_PLACE

}  // namespace cuttle
