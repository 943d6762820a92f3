#include "creation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "../kernels/fill.h"
#include "allocators.h"
#include "autograd/grad_mode.h"
#include "dispatch.h"
#include "distributions.h"
#include "sizes.h"
#include "tensor_impl.h"

namespace cuttle {
namespace {

// Values made on the CPU, as the options ask for them.
Tensor placed(const Tensor& values, const TensorOptions& options) {
  Tensor out = values.to(options.device, options.dtype.value_or(values.dtype()));
  return out.requires_grad_(options.requires_grad);
}

// What PyTorch makes of a number that comes without a dtype.
DType default_dtype(const Scalar& value) {
  if (value.is_boolean()) return boolean;
  return value.is_integral() ? int64 : float32;
}

}  // namespace

void check_sizes(std::string_view op, const Shape& shape) {
  int64_t count = 1;
  bool overflows = false, empty = false;
  for (const int64_t size : shape) {
    if (size < 0) fail(op, ": a size cannot be negative, got shape ", shape);
    empty |= size == 0;
    overflows |= __builtin_mul_overflow(count, size, &count);
  }
  if (overflows && !empty)
    fail(op, ": a tensor of shape ", shape, " has more elements than can be counted");
}

size_t bytes_of(const Shape& shape, DType dtype) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(static_cast<size_t>(shape.numel()), element_size(dtype), &bytes))
    fail("a tensor of shape ", shape, " and dtype ", dtype, " is larger than memory can be");
  return bytes;
}

namespace {

// Bytes that elements reach over. Throws Error for strides that do not fit the shape.
size_t strided_bytes(std::string_view op, const Shape& shape, const Strides& strides, DType dtype) {
  if (strides.size() != shape.size())
    fail(op, ": ", strides.size(), " strides do not fit shape ", shape, " of ", shape.size(),
         " dimensions");
  int64_t last = 0;
  bool overflows = false;
  for (int d = 0; d < shape.size(); ++d) {
    int64_t reach = 0;
    if (strides[d] < 0) fail(op, ": strides must not be negative, got ", strides);
    overflows |= __builtin_mul_overflow(std::max<int64_t>(0, shape[d] - 1), strides[d], &reach) ||
                 __builtin_add_overflow(last, reach, &last);
  }
  if (overflows || last == INT64_MAX)
    fail(op, ": shape ", shape, " with strides ", strides, " is larger than memory can be");
  return shape.numel() == 0 ? 0 : bytes_of({last + 1}, dtype);
}

}  // namespace

Tensor empty_strided(const Shape& shape, const Strides& strides, DType dtype, Device device) {
  return make_tensor(Storage::allocate(bytes_of(shape, dtype), device), shape, strides, 0, dtype);
}

Tensor empty_strided(const Shape& shape, const Strides& strides, const TensorOptions& options) {
  const DType dtype = options.dtype.value_or(float32);
  check_sizes("empty_strided", shape);
  const size_t bytes = strided_bytes("empty_strided", shape, strides, dtype);
  Tensor out = make_tensor(Storage::allocate(bytes, options.device), shape, strides, 0, dtype);
  return out.requires_grad_(options.requires_grad);
}

Tensor empty(const Shape& shape, const TensorOptions& options, MemoryFormat format) {
  check_sizes("empty", shape);
  Tensor out = empty_strided(shape, dense_strides(shape, format), options.dtype.value_or(float32),
                             options.device);
  if (options.requires_grad) out.requires_grad_();
  return out;
}

namespace {

void check_holds(std::string_view op, DType dtype, const Scalar& value) {
  dispatch_all(dtype, [&]<class T>() {
    if (!value.fits<T>()) fail(op, ": ", dtype, " cannot hold the value ", value);
  });
}

Tensor filled(std::string_view op, const Shape& shape, Scalar value, const TensorOptions& options) {
  check_sizes(op, shape);
  const DType dtype = options.dtype.value_or(default_dtype(value));
  Tensor out = empty(shape, {.dtype = dtype, .device = options.device});
  check_holds(op, dtype, value);
  out.fill_(value);
  if (options.requires_grad) out.requires_grad_();
  return out;
}

}  // namespace

Tensor full(const Shape& shape, Scalar value, const TensorOptions& options) {
  return filled("full", shape, value, options);
}
Tensor zeros(const Shape& shape, const TensorOptions& options) {
  return filled("zeros", shape, 0.0, options);
}
Tensor ones(const Shape& shape, const TensorOptions& options) {
  return filled("ones", shape, 1.0, options);
}

Tensor empty_like(const Tensor& like, const LikeOptions& options) {
  check_defined("empty_like", like);
  const bool dense = is_dense_in_some_order(like.shape(), like.strides());
  Tensor out =
      empty_strided(like.shape(), dense ? like.strides() : dense_strides(like.shape()),
                    options.dtype.value_or(like.dtype()), options.device.value_or(like.device()));
  return out.requires_grad_(options.requires_grad);
}

Tensor full_like(const Tensor& like, Scalar value, const LikeOptions& options) {
  check_defined("full_like", like);
  check_holds("full_like", options.dtype.value_or(like.dtype()), value);
  Tensor out = empty_like(like, {.dtype = options.dtype, .device = options.device});
  return out.fill_(value).requires_grad_(options.requires_grad);
}
Tensor zeros_like(const Tensor& like, const LikeOptions& options) {
  return full_like(check_defined("zeros_like", like), 0, options);
}
Tensor ones_like(const Tensor& like, const LikeOptions& options) {
  return full_like(check_defined("ones_like", like), 1, options);
}

Tensor scalar_tensor(Scalar value, const TensorOptions& options) {
  return full({}, value,
              {.dtype = options.dtype.value_or(float32),
               .device = options.device,
               .requires_grad = options.requires_grad});
}

Tensor eye(int64_t n, const TensorOptions& options) {
  return eye(n, n, options);
}
Tensor eye(int64_t n, int64_t m, const TensorOptions& options) {
  if (n < 0 || m < 0) fail("eye: sizes must not be negative, got ", n, " and ", m);
  Tensor out = zeros({n, m}, {.dtype = options.dtype, .device = options.device});
  make_tensor(out.impl().storage, {std::min(n, m)}, {m + 1}, 0, out.dtype()).fill_(1);
  return out.requires_grad_(options.requires_grad);
}

namespace {

void check_count(size_t count, const Shape& shape) {
  if (static_cast<int64_t>(count) != shape.numel())
    fail("tensor: ", count, " values do not fill shape ", shape, " of ", shape.numel(),
         " elements");
}

}  // namespace

template <ElementType T>
Tensor tensor(const std::vector<T>& values, const Shape& shape, const TensorOptions& options) {
  check_count(values.size(), shape);
  const Tensor out = empty(shape, {.dtype = dtype_of<T>});
  T* to = out.data<T>();
  for (const T value : values) *to++ = value;  // std::vector<bool> has no data()
  return placed(out, options);
}

Tensor tensor(const NestedList& values, const TensorOptions& options) {
  return tensor(values, values.shape(), options);
}

Tensor tensor(const NestedList& values, const Shape& shape, const TensorOptions& options) {
  const std::vector<Scalar> numbers = values.numbers();
  check_count(numbers.size(), shape);
  const DType dtype = options.dtype.value_or(values.dtype());
  const Tensor out = empty(shape, {.dtype = dtype});
  dispatch_all(dtype, [&]<class T>() {
    T* to = out.data<T>();
    for (const Scalar& number : numbers) {
      if (!is_floating_point(dtype) && !number.fits<T>())
        fail("tensor: ", dtype, " cannot hold the value ", number);
      *to++ = number.to<T>();
    }
  });
  return placed(out, options);
}

template Tensor tensor(const std::vector<float>&, const Shape&, const TensorOptions&);
template Tensor tensor(const std::vector<double>&, const Shape&, const TensorOptions&);
template Tensor tensor(const std::vector<Half>&, const Shape&, const TensorOptions&);
template Tensor tensor(const std::vector<BFloat16>&, const Shape&, const TensorOptions&);
template Tensor tensor(const std::vector<int64_t>&, const Shape&, const TensorOptions&);
template Tensor tensor(const std::vector<int32_t>&, const Shape&, const TensorOptions&);
template Tensor tensor(const std::vector<int16_t>&, const Shape&, const TensorOptions&);
template Tensor tensor(const std::vector<int8_t>&, const Shape&, const TensorOptions&);
template Tensor tensor(const std::vector<uint8_t>&, const Shape&, const TensorOptions&);
template Tensor tensor(const std::vector<bool>&, const Shape&, const TensorOptions&);

Tensor from_blob(void* data, const Shape& shape, const TensorOptions& options,
                 std::function<void()> release) {
  return from_blob(data, shape, dense_strides(shape), options, std::move(release));
}

Tensor from_blob(void* data, const Shape& shape, const Strides& strides,
                 const TensorOptions& options, std::function<void()> release) {
  const DType dtype = options.dtype.value_or(float32);
  const size_t bytes = strided_bytes("from_blob", shape, strides, dtype);
  if (data == nullptr && bytes > 0) fail("from_blob: got a null pointer for shape ", shape);
  if (reinterpret_cast<uintptr_t>(data) % element_size(dtype) != 0)
    fail("from_blob: the memory does not begin at a multiple of ", element_size(dtype),
         " bytes, the size of ", dtype);
  Tensor out = make_tensor(Storage::borrow(data, bytes, options.device, std::move(release)), shape,
                           strides, 0, dtype);
  return out.requires_grad_(options.requires_grad);
}

}  // namespace cuttle
