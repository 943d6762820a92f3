// New tensors.
#pragma once

#include <functional>
#include <initializer_list>
#include <vector>

#include "generator.h"
#include "scalar.h"
#include "tensor.h"

namespace cuttle {

/// Uninitialised memory, dense in the given order.
Tensor empty(const Shape& shape, const TensorOptions& options = {},
             MemoryFormat format = MemoryFormat::contiguous);
Tensor zeros(const Shape& shape, const TensorOptions& options = {});
Tensor ones(const Shape& shape, const TensorOptions& options = {});
Tensor full(const Shape& shape, Scalar value, const TensorOptions& options = {});
/// The same shape, dtype, device and, where it is dense, the same layout as `like`.
Tensor empty_like(const Tensor& like);
Tensor zeros_like(const Tensor& like);
Tensor ones_like(const Tensor& like);
Tensor full_like(const Tensor& like, Scalar value);

/// start, start + step, … below end (above, for a negative step); none where end lies on the other
/// side. Integer dtypes need a whole start and step.
Tensor arange(Scalar start, Scalar end, Scalar step = 1, const TensorOptions& options = {int64});
Tensor arange(Scalar end, const TensorOptions& options = {int64});

/// Uniform on [0, 1), PyTorch's stream (core/generator.h); drawn on the CPU, then moved, so a seed
/// gives the same values on every device.
Tensor rand(const Shape& shape, const TensorOptions& options = {},
            Generator& generator = default_generator());
/// Normal with mean 0 and standard deviation 1.
Tensor randn(const Shape& shape, const TensorOptions& options = {},
             Generator& generator = default_generator());
/// Uniform integers on [low, high).
Tensor randint(int64_t low, int64_t high, const Shape& shape,
               const TensorOptions& options = {int64}, Generator& generator = default_generator());
/// A random permutation of 0 … n − 1 (int64).
Tensor randperm(int64_t n, Generator& generator = default_generator());

/// A copy of the values, in row-major order. Throws Error if their number is not shape.numel().
template <class T>
Tensor tensor(const std::vector<T>& values, const Shape& shape, const TensorOptions& options);
/// As above with the dtype of T, on the CPU.
template <class T>
Tensor tensor(const std::vector<T>& values, const Shape& shape) {
  return tensor(values, shape, {.dtype = dtype_of<T>});
}
/// One dimension: tensor({1.f, 2.f, 3.f}).
template <class T>
Tensor tensor(std::initializer_list<T> values) {
  return tensor(std::vector<T>(values), {static_cast<int64_t>(values.size())});
}

/// A tensor on memory that somebody else owns: row-major, on the CPU or on `options.device`.
/// `release` is called when the last tensor on it is gone; without it the caller keeps the memory
/// alive.
Tensor from_blob(void* data, const Shape& shape, const TensorOptions& options = {},
                 std::function<void()> release = {});

/// Copies joined along an existing dimension / along a new one. Not recorded for gradients of
/// different dtypes: all must agree in dtype and device.
Tensor cat(const std::vector<Tensor>& tensors, int64_t dim = 0);
Tensor stack(const std::vector<Tensor>& tensors, int64_t dim = 0);

}  // namespace cuttle
