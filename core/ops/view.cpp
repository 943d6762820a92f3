// Views: other shapes and strides on the same memory. Their backward is a view the other way.
#include "view.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include "../autograd/grad_mode.h"
#include "../autograd/view_history.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../strided_loop.h"

namespace cuttle {
namespace {

// Replaces a single −1 by what the number of elements leaves over.
Shape infer_size(std::string_view op, const Tensor& self, Shape shape) {
  Shape others;
  int unknown = -1;
  for (int d = 0; d < shape.size(); ++d) {
    if (shape[d] == -1 && unknown >= 0) fail(op, ": only one size can be -1, got ", shape);
    if (shape[d] == -1)
      unknown = d;
    else
      others.push_back(shape[d]);
  }
  const int64_t known = others.numel();
  if (unknown >= 0 && known > 0 && self.numel() % known == 0) shape[unknown] = self.numel() / known;
  if ((unknown >= 0 && shape[unknown] == -1) || shape.numel() != self.numel())
    fail(op, ": a tensor of shape ", self.shape(), " (", self.numel(),
         " elements) cannot have shape ", shape);
  return shape;
}

// Strides under which the same memory reads as `shape`, if there are any: each new dimension must
// lie within a run of old ones that are contiguous among themselves.
std::optional<Strides> view_strides(const Shape& old_shape, const Strides& old_strides,
                                    const Shape& shape) {
  if (shape.numel() == 0) return dense_strides(shape);
  Strides strides = Strides::filled(shape.size(), 1);
  int at = shape.size() - 1;
  int64_t run = 1, taken = 1, base = old_shape.empty() ? 1 : old_strides.back();
  for (int d = old_shape.size() - 1; d >= 0; --d) {
    run *= old_shape[d];
    const bool ends = d == 0 || (old_shape[d - 1] != 1 && old_strides[d - 1] != run * base);
    if (!ends) continue;
    while (at >= 0 && (taken < run || shape[at] == 1)) {
      strides[at] = taken * base;
      taken *= shape[at--];
    }
    if (taken != run) return std::nullopt;
    if (d > 0) {
      base = old_strides[d - 1];
      run = taken = 1;
    }
  }
  return strides;
}

}  // namespace

Tensor bare_view(const Tensor& x, const Shape& shape, const Strides& strides, int64_t offset) {
  TensorImpl& impl = x.impl();
  Tensor view = make_tensor(impl.storage, shape, strides, offset, impl.dtype);
  become_view(view.impl(), x);
  return view;
}

Tensor embed(const Tensor& value, const Shape& shape, const Part& part) {
  Tensor out;
  {
    const NoGradGuard no_grad;
    out = zeros(shape, {.dtype = value.dtype(), .device = value.device()});
    part(out).copy_(value);
  }
  return record(
      "embed", out, {value},
      [part](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {part(gradient)};
      },
      Saves::nothing);
}

Tensor ViewMethods::view(const Shape& requested) const {
  const Tensor& x = check_defined("view", self(*this));
  const Shape shape = infer_size("view", x, requested);
  const auto strides = view_strides(x.shape(), x.strides(), shape);
  if (!strides)
    fail("view: shape ", x.shape(), " with strides ", x.strides(), " cannot be read as shape ",
         shape, " without moving elements; use reshape()");
  return make_view("view", x, shape, *strides, x.impl().offset, reshape_back(x.shape()));
}

Tensor ViewMethods::reshape(const Shape& requested) const {
  const Tensor& x = check_defined("reshape", self(*this));
  const Shape shape = infer_size("reshape", x, requested);
  const auto strides = view_strides(x.shape(), x.strides(), shape);
  if (!strides) return x.contiguous().view(shape);
  return make_view("reshape", x, shape, *strides, x.impl().offset, reshape_back(x.shape()));
}

Tensor ViewMethods::flatten(int64_t start_dim, int64_t end_dim) const {
  const Tensor& x = check_defined("flatten", self(*this));
  const int start = wrap_dim("flatten", start_dim, x.dim()),
            end = wrap_dim("flatten", end_dim, x.dim());
  if (start > end)
    fail("flatten: start_dim ", start_dim, " lies behind end_dim ", end_dim, " in shape ",
         x.shape());
  if (x.dim() == 0) return reshape({1});
  Shape shape;
  int64_t merged = 1;
  for (int d = 0; d < x.dim(); ++d) {
    if (d >= start && d <= end) merged *= x.size(d);
    if (d < start || d > end) shape.push_back(x.size(d));
    if (d == end) shape.push_back(merged);
  }
  return reshape(shape);
}

Tensor ViewMethods::permute(const std::vector<int64_t>& dims) const {
  const Tensor& x = check_defined("permute", self(*this));
  if (static_cast<int>(dims.size()) != x.dim())
    fail("permute: expected ", x.dim(), " dimensions for a tensor of shape ", x.shape(), ", got ",
         dims.size());
  Shape shape = x.shape();
  Strides strides = x.strides();
  std::vector<int64_t> inverse(dims.size(), -1);
  for (int d = 0; d < x.dim(); ++d) {
    const int from = wrap_dim("permute", dims[static_cast<size_t>(d)], x.dim());
    if (inverse[static_cast<size_t>(from)] != -1)
      fail("permute: dimension ", from, " of shape ", x.shape(), " is given twice");
    inverse[static_cast<size_t>(from)] = d;
    shape[d] = x.shape()[from];
    strides[d] = x.strides()[from];
  }
  return make_view("permute", x, shape, strides, x.impl().offset,
                   [inverse](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                     return {gradient.permute(inverse)};
                   });
}

Tensor ViewMethods::transpose(int64_t dim0, int64_t dim1) const {
  const Tensor& x = check_defined("transpose", self(*this));
  std::vector<int64_t> order(static_cast<size_t>(x.dim()));
  std::iota(order.begin(), order.end(), 0);
  const int a = wrap_dim("transpose", dim0, x.dim()), b = wrap_dim("transpose", dim1, x.dim());
  if (x.dim() > 0) std::swap(order[static_cast<size_t>(a)], order[static_cast<size_t>(b)]);
  return permute(order);
}

Tensor ViewMethods::t() const {
  const Tensor& x = check_defined("t", self(*this));
  if (x.dim() > 2)
    fail("t: expected a matrix, got shape ", x.shape(), "; use transpose(dim0, dim1)");
  return x.dim() < 2 ? x : transpose(0, 1);
}

Tensor ViewMethods::squeeze(const Dims& dims) const {
  const Tensor& x = check_defined("squeeze", self(*this));
  std::array<bool, kMaxRank> named{};
  for (const int64_t dim : dims)
    named[static_cast<size_t>(wrap_dim("squeeze", dim, x.dim()))] = true;
  Shape shape;
  Strides strides;
  for (int d = 0; d < x.dim(); ++d) {
    if (x.shape()[d] == 1 && (dims.empty() || named[static_cast<size_t>(d)])) continue;
    shape.push_back(x.shape()[d]);
    strides.push_back(x.strides()[d]);
  }
  if (!dims.empty() && shape == x.shape()) return x;
  return make_view("squeeze", x, shape, strides, x.impl().offset, reshape_back(x.shape()));
}

Tensor ViewMethods::unsqueeze(int64_t dim) const {
  const Tensor& x = check_defined("unsqueeze", self(*this));
  const int d = wrap_dim("unsqueeze", dim, x.dim() + 1);
  Shape shape = x.shape();
  Strides strides = x.strides();
  strides.insert(d, d < x.dim() ? shape[d] * strides[d] : 1);
  shape.insert(d, 1);
  return make_view("unsqueeze", x, shape, strides, x.impl().offset, reshape_back(x.shape()));
}

Tensor ViewMethods::expand(const Shape& requested) const {
  const Tensor& x = check_defined("expand", self(*this));
  Shape shape = requested;
  const int shift = shape.size() - x.dim();
  if (shift < 0) fail("expand: shape ", x.shape(), " has more dimensions than ", requested);
  for (int d = 0; d < shape.size(); ++d) {
    const int64_t own = d < shift ? 1 : x.shape()[d - shift];
    if (shape[d] == -1 && d >= shift) shape[d] = own;
    if (shape[d] < 0 || (own != 1 && own != shape[d]))
      fail("expand: shape ", x.shape(), " cannot be repeated to ", requested,
           ": only dimensions of size 1 can grow");
  }
  const Shape old = x.shape();
  return make_view("expand", x, shape, broadcast_strides(old, x.strides(), shape), x.impl().offset,
                   [old](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                     return {sum_to(gradient, old)};
                   });
}

Tensor ViewMethods::slice(int64_t dim, int64_t start, int64_t end, int64_t step) const {
  const Tensor& x = check_defined("slice", self(*this));
  if (x.dim() == 0) fail("slice: a tensor without dimensions cannot be sliced");
  const int d = wrap_dim("slice", dim, x.dim());
  if (step < 1) fail("slice: the step must be at least 1, got ", step);
  const int64_t size = x.shape()[d];
  const auto clamp = [size](int64_t i) {
    return std::clamp(i < 0 ? i + size : i, int64_t{0}, size);
  };
  const int64_t first = clamp(start), last = std::max(first, clamp(end));
  Shape shape = x.shape();
  Strides strides = x.strides();
  shape[d] = last > first ? (last - first - 1) / step + 1 : 0;
  if (shape[d] > 1) strides[d] *= step;
  const Shape old = x.shape();
  const auto part = [=](const Tensor& whole) { return whole.slice(d, first, last, step); };
  return make_view("slice", x, shape, strides, x.impl().offset + first * x.strides()[d],
                   [=](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                     return {embed(gradient, old, part)};
                   });
}

Tensor ViewMethods::narrow(int64_t dim, int64_t start, int64_t length) const {
  const Tensor& x = check_defined("narrow", self(*this));
  const int d = wrap_dim("narrow", dim, x.dim());
  const int64_t size = x.size(d), first = start < 0 ? start + size : start;
  if (first < 0 || length < 0 || first > size || length > size - first)
    fail("narrow: ", length, " from ", start, " on does not lie within size ", size,
         " of dimension ", d, " in shape ", x.shape());
  return slice(d, first, first + length);
}

Tensor ViewMethods::select(int64_t dim, int64_t index) const {
  const Tensor& x = check_defined("select", self(*this));
  if (x.dim() == 0) fail("select: a tensor without dimensions has nothing to select from");
  const int d = wrap_dim("select", dim, x.dim());
  const int64_t size = x.shape()[d], i = index < 0 ? index + size : index;
  if (i < 0 || i >= size)
    fail("select: index ", index, " is out of range for size ", size, " of dimension ", d,
         " in shape ", x.shape());
  return slice(d, i, i + 1).squeeze(d);
}

}  // namespace cuttle
