// Sums, means and argmax over some or all dimensions.
#include "../../kernels/reduce.h"

#include <algorithm>
#include <array>

#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../strided_loop.h"
#include "arithmetic.h"

namespace cuttle {
namespace {

using Mask = std::array<bool, kMaxRank>;

Mask reduced_dims(std::string_view op, const Tensor& x, const Dims& dims) {
  Mask reduced{};
  if (dims.empty()) reduced.fill(true);  // as in PyTorch, no dimension means all
  for (const int64_t dim : dims) {
    const auto d = static_cast<size_t>(wrap_dim(op, dim, x.dim()));
    if (reduced[d]) fail(op, ": dimension ", dim, " is given twice");
    reduced[d] = true;
  }
  return reduced;
}

Shape reduced_shape(const Tensor& x, const Mask& reduced, bool keepdim) {
  Shape shape;
  for (int d = 0; d < x.dim(); ++d) {
    if (!reduced[static_cast<size_t>(d)]) shape.push_back(x.shape()[d]);
    if (reduced[static_cast<size_t>(d)] && keepdim) shape.push_back(1);
  }
  return shape;
}

// Kept dimensions make the outer loop, reduced ones the inner. out: dense, without reduced dims.
// `in_memory_order` may sort the inner loop by x's strides; otherwise it stays logical.
kernels::ReduceLoop reduce_loop(const Tensor& x, const Mask& reduced, const Tensor& out,
                                bool in_memory_order) {
  Shape kept, inner;
  Strides kept_strides, inner_strides;
  for (int d = 0; d < x.dim(); ++d) {
    const bool is_reduced = reduced[static_cast<size_t>(d)];
    (is_reduced ? inner : kept).push_back(x.shape()[d]);
    (is_reduced ? inner_strides : kept_strides).push_back(x.strides()[d]);
  }
  kernels::ReduceLoop loop;
  loop.outer = make_loop(kept, {kept_strides, dense_strides(out.shape())});
  if (in_memory_order) {
    loop.inner = make_loop(inner, {inner_strides});
  } else {  // sorted by the logical order instead, which then numbers the elements
    const auto both = make_loop(inner, {inner_strides, dense_strides(inner)});
    loop.inner.rank = both.rank;
    std::copy_n(both.sizes, kMaxRank, loop.inner.sizes);
    std::copy_n(both.strides[0], kMaxRank, loop.inner.strides[0]);
  }
  return loop;
}

}  // namespace

Tensor ReductionMethods::sum(const Dims& dims, bool keepdim) const {
  const Tensor& input = self(*this);
  check_defined("sum", input);
  const Mask reduced = reduced_dims("sum", input, dims);
  // Integers are summed in int64, as in PyTorch, 16-bit floats in float32.
  const DType dtype = is_floating_point(input.dtype()) ? input.dtype() : int64;
  if (element_size(dtype) == 2) return input.to(float32).sum(dims, keepdim).to(dtype);
  const Tensor x = input.to(dtype);
  const Shape kept_shape = reduced_shape(x, reduced, /*keepdim=*/false);
  Tensor out = empty(kept_shape, {.dtype = x.dtype(), .device = x.device()});
  const auto loop = reduce_loop(x, reduced, out, /*in_memory_order=*/true);
  dispatch_numeric("sum", x.dtype(), [&]<class T>() {
    if constexpr (sizeof(T) >= 4)
      on_device(x.device(),
                [&](auto stream) { kernels::sum(stream, loop, x.data<T>(), out.data<T>()); });
  });
  const Shape with_ones = reduced_shape(x, reduced, /*keepdim=*/true);
  if (keepdim) out = out.view(with_ones);
  return record(
      "sum", out, {x},
      [shape = x.shape(), with_ones](const Tensor& gradient, const NeededInputs&)
          -> std::vector<Tensor> { return {gradient.reshape(with_ones).expand(shape)}; },
      Saves::nothing);
}

Tensor ReductionMethods::mean(const Dims& dims, bool keepdim) const {
  const Tensor& input = self(*this);
  check_defined("mean", input);
  if (!is_floating_point(input.dtype()))
    fail("mean: expected float32 or float64, got ", input.dtype(),
         "; convert first, with .to(float32) for example");
  const Mask reduced = reduced_dims("mean", input, dims);
  int64_t count = 1;
  for (int d = 0; d < input.dim(); ++d)
    if (reduced[static_cast<size_t>(d)]) count *= input.shape()[d];
  return sum(dims, keepdim) / static_cast<double>(count);
}

Tensor ReductionMethods::argmax(std::optional<int64_t> dim, bool keepdim) const {
  const Tensor& input = self(*this);
  check_defined("argmax", input);
  if (input.dtype() == int8 || input.dtype() == int16) return input.to(int32).argmax(dim, keepdim);
  if (element_size(input.dtype()) == 2) return input.to(float32).argmax(dim, keepdim);
  if (!dim) {
    const Tensor place = input.detach().reshape({input.numel()}).argmax(0);
    return keepdim ? place.view(Shape::filled(input.dim(), 1)) : place;
  }
  const Mask reduced = reduced_dims("argmax", input, {*dim});
  if (input.dim() > 0 && input.size(*dim) == 0)
    fail("argmax: dimension ", *dim, " of shape ", input.shape(),
         " is empty and has no largest element");
  Tensor out = empty(reduced_shape(input, reduced, /*keepdim=*/false),
                     {.dtype = int64, .device = input.device()});
  const auto loop = reduce_loop(input, reduced, out, /*in_memory_order=*/false);
  dispatch_numeric("argmax", input.dtype(), [&]<class T>() {
    if constexpr (sizeof(T) >= 4 || std::is_same_v<T, uint8_t>)
      on_device(input.device(), [&](auto stream) {
        kernels::argmax(stream, loop, input.data<T>(), out.data<int64_t>());
      });
  });
  return keepdim ? out.view(reduced_shape(input, reduced, /*keepdim=*/true)) : out;
}

}  // namespace cuttle
