// New tensors.
#pragma once

#include <concepts>
#include <functional>
#include <ranges>
#include <vector>

#include "generator.h"
#include "nested_list.h"
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
/// The same shape, dtype, device and, where it is dense, the same layout as `like`.
Tensor empty_like(const Tensor& like);
Tensor zeros_like(const Tensor& like);
Tensor ones_like(const Tensor& like);
Tensor full_like(const Tensor& like, Scalar value);

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

/// Uniform on [0, 1), PyTorch's stream (core/generator.h); drawn on the CPU, then moved, so a seed
/// gives the same values on every device.
Tensor rand(const Shape& shape, const TensorOptions& options = {},
            Generator& generator = default_generator());
/// Normal with mean 0 and standard deviation 1.
Tensor randn(const Shape& shape, const TensorOptions& options = {},
             Generator& generator = default_generator());
/// Uniform integers on [low, high), int64 without a dtype. Throws Error for a dtype that cannot
/// hold all of them (float32 counts to 2²⁴).
Tensor randint(int64_t low, int64_t high, const Shape& shape, const TensorOptions& options = {},
               Generator& generator = default_generator());
/// A random permutation of 0 … n − 1 (int64).
Tensor randperm(int64_t n, Generator& generator = default_generator());

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

/// A tensor on memory that somebody else owns: row-major, on the CPU or on `options.device`.
/// `release` is called when the last tensor on it is gone; without it the caller keeps the memory
/// alive.
Tensor from_blob(void* data, const Shape& shape, const TensorOptions& options = {},
                 std::function<void()> release = {});

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
Tensor rand(SizeArgument auto... sizes) {
  return rand(Shape{static_cast<int64_t>(sizes)...});
}
Tensor randn(SizeArgument auto... sizes) {
  return randn(Shape{static_cast<int64_t>(sizes)...});
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
Tensor rand(const Shape& shape, std::same_as<DType> auto dtype) {
  return rand(shape, {.dtype = dtype});
}
Tensor randn(const Shape& shape, std::same_as<DType> auto dtype) {
  return randn(shape, {.dtype = dtype});
}

}  // namespace cuttle
