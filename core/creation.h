// New tensors.
#pragma once

#include <concepts>
#include <functional>
#include <ranges>
#include <vector>

#include "nested_list.h"
#include "ops/random.h"
#include "scalar.h"
#include "tensor.h"

namespace cuttle {

// Sizes can stand in braces or, where nothing else is said, alone; a dtype alone can take the place
// of the options: zeros({2, 3}, {.device = "cuda"}), zeros(2, 3), zeros({2, 3}, float64).

/// Uninitialised memory, dense in the given order.
Tensor empty(const Shape& shape, const TensorOptions& options = {},
             MemoryFormat format = MemoryFormat::contiguous);
Tensor zeros(const Shape& shape, const TensorOptions& options = {});
Tensor ones(const Shape& shape, const TensorOptions& options = {});
/// Without a dtype that of PyTorch for the value: float32, int64 for a whole number, bool for true
/// and false. Throws Error where the dtype cannot hold the value.
Tensor full(const Shape& shape, Scalar value, const TensorOptions& options = {});
/// The same shape and, where it is dense, the same layout as `like`; also the same dtype and device
/// where the options do not say otherwise.
Tensor empty_like(const Tensor& like, const LikeOptions& options = {});
Tensor zeros_like(const Tensor& like, const LikeOptions& options = {});
Tensor ones_like(const Tensor& like, const LikeOptions& options = {});
Tensor full_like(const Tensor& like, Scalar value, const LikeOptions& options = {});

/// Uninitialised memory, addressed by strides of 0 and more: as much as they reach over.
Tensor empty_strided(const Shape& shape, const Strides& strides, const TensorOptions& options = {});
/// A tensor without dimensions, float32 without a dtype.
Tensor scalar_tensor(Scalar value, const TensorOptions& options = {});
/// Ones on the diagonal of an (n, m) matrix, square without m, and zeros beside it.
Tensor eye(int64_t n, const TensorOptions& options = {});
Tensor eye(int64_t n, int64_t m, const TensorOptions& options = {});

/// start, start + step, … below end (above, for a negative step); none where end lies on the other
/// side. Without a dtype int64 for integer arguments and float32 where one is floating, as in
/// PyTorch. Throws Error for an integer dtype and a start or step that is not whole, and where the
/// dtype cannot hold the first or the last number.
Tensor arange(Scalar start, Scalar end, Scalar step = 1, const TensorOptions& options = {});
Tensor arange(Scalar start, Scalar end, const TensorOptions& options);
Tensor arange(Scalar end, const TensorOptions& options = {});
Tensor arange(Scalar start, Scalar end, std::same_as<DType> auto dtype) {
  return arange(start, end, TensorOptions{.dtype = dtype});
}

/// `steps` numbers from start to end, both included, at equal distances; float32 without a dtype.
/// Computed in double, from the nearer end, and rounded once; integer dtypes cut the fraction off.
/// Throws Error for a negative number of steps, and where the dtype cannot hold the ends.
Tensor linspace(Scalar start, Scalar end, int64_t steps, const TensorOptions& options = {});
/// base to the power of linspace's numbers. Computed on the CPU, in double, and moved.
Tensor logspace(Scalar start, Scalar end, int64_t steps, double base = 10,
                const TensorOptions& options = {});

/// A copy of the values, in row-major order, with the dtype of T where none is given. Throws Error
/// if their number is not shape.numel().
template <ElementType T>
Tensor tensor(const std::vector<T>& values, const Shape& shape, const TensorOptions& options = {});
/// One dimension, of a vector, an array, a span or a named initializer list.
template <std::ranges::input_range R>
requires ElementType<std::ranges::range_value_t<R>> Tensor tensor(const R& values) {
  const std::vector<std::ranges::range_value_t<R>> all(std::begin(values), std::end(values));
  return tensor(all, {static_cast<int64_t>(all.size())});
}
/// The numbers in the braces, one level of braces a dimension: tensor({{1, 2}, {3, 4}}). Integers
/// make int64 and true and false bool, as in PyTorch; float makes float32, but double makes
/// float64, where Python, which has no float, makes float32. Throws Error if lists of one depth
/// differ in length, and for a number that an integer dtype cannot hold.
Tensor tensor(const NestedList& values, const TensorOptions& options = {});
/// The numbers in the braces, in row-major order: tensor({1.f, 2.f, 3.f, 4.f}, {2, 2}).
Tensor tensor(const NestedList& values, const Shape& shape, const TensorOptions& options = {});
/// The same of a type that is said: tensor<uint8_t>({0, 255}).
template <ElementType T>
Tensor tensor(const NestedList& values) {
  return tensor(values, {.dtype = dtype_of<T>});
}

/// A tensor on memory that somebody else owns, on the CPU or on `options.device`: row-major, or
/// with strides, in elements, of 0 and more. `release` is called when the last tensor on it is
/// gone, and is destroyed then: release = [owner] {} keeps a shared_ptr. Without it the caller
/// keeps the memory alive. On a GPU that is not before the work on it is done: the memory is given
/// back when the last tensor goes, without a wait.
Tensor from_blob(void* data, const Shape& shape, const TensorOptions& options = {},
                 std::function<void()> release = {});
Tensor from_blob(void* data, const Shape& shape, const Strides& strides,
                 const TensorOptions& options = {}, std::function<void()> release = {});

/// Copies joined along an existing dimension / along a new one. The dtypes promote. Channels-last
/// tensors stay so; one of shape [0] joins anything, as in PyTorch. Throws Error where other
/// dimensions differ in size. (Their kin: core/ops/rearrange.h.)
Tensor cat(const std::vector<Tensor>& tensors, int64_t dim = 0);
Tensor stack(const std::vector<Tensor>& tensors, int64_t dim = 0);

// The short forms of the functions above.
Tensor empty(SizeArgument auto... sizes) {
  return empty(Shape{static_cast<int64_t>(sizes)...});
}
Tensor zeros(SizeArgument auto... sizes) {
  return zeros(Shape{static_cast<int64_t>(sizes)...});
}
Tensor ones(SizeArgument auto... sizes) {
  return ones(Shape{static_cast<int64_t>(sizes)...});
}
Tensor empty(const Shape& shape, std::same_as<DType> auto dtype) {
  return empty(shape, {.dtype = dtype});
}
Tensor zeros(const Shape& shape, std::same_as<DType> auto dtype) {
  return zeros(shape, {.dtype = dtype});
}
Tensor ones(const Shape& shape, std::same_as<DType> auto dtype) {
  return ones(shape, {.dtype = dtype});
}
Tensor full(const Shape& shape, Scalar value, std::same_as<DType> auto dtype) {
  return full(shape, value, {.dtype = dtype});
}

}  // namespace cuttle
