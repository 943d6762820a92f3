#include "creation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "../kernels/fill.h"
#include "allocators.h"
#include "autograd/grad_mode.h"
#include "dispatch.h"
#include "tensor_impl.h"

namespace cuttle {
namespace {

// Values made on the CPU, as the options ask for them.
Tensor placed(const Tensor& values, const TensorOptions& options) {
  Tensor out = values.to(options.device, options.dtype.value_or(values.dtype()));
  return out.requires_grad_(options.requires_grad);
}

// Random values are drawn on the CPU in the options' dtype or, for other dtypes, in float32.
template <class Draw>
Tensor drawn(const Shape& shape, const TensorOptions& options, Draw&& draw) {
  const DType dtype = options.dtype == float64 ? float64 : float32;
  Tensor values = empty(shape, {.dtype = dtype});
  dispatch_float_double("rand", dtype, [&]<class T>() {
    draw(std::span<T>(values.data<T>(), static_cast<size_t>(values.numel())));
  });
  return placed(values, options);
}

// What PyTorch makes of a number that comes without a dtype.
DType default_dtype(const Scalar& value) {
  if (value.is_boolean()) return boolean;
  return value.is_integral() ? int64 : float32;
}

// True if T has every whole number from `least` to `most`.
template <class T>
bool has_whole_numbers(int64_t least, int64_t most) {
  if constexpr (std::is_same_v<T, bool>) return least >= 0 && most <= 1;
  if constexpr (is_floating<T>) {
    constexpr int64_t kMost = int64_t{1} << std::numeric_limits<T>::digits;
    return least >= -kMost && most <= kMost;
  } else if constexpr (!std::is_same_v<T, bool>) {
    return std::in_range<T>(least) && std::in_range<T>(most);
  }
}

}  // namespace

size_t bytes_of(const Shape& shape, DType dtype) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(static_cast<size_t>(shape.numel()), element_size(dtype), &bytes))
    fail("a tensor of shape ", shape, " and dtype ", dtype, " is larger than memory can be");
  return bytes;
}

Tensor empty_strided(const Shape& shape, const Strides& strides, DType dtype, Device device) {
  return make_tensor(Storage::allocate(bytes_of(shape, dtype), device), shape, strides, 0, dtype);
}

Tensor empty(const Shape& shape, const TensorOptions& options, MemoryFormat format) {
  Tensor out = empty_strided(shape, dense_strides(shape, format), options.dtype.value_or(float32),
                             options.device);
  if (options.requires_grad) out.requires_grad_();
  return out;
}

Tensor full(const Shape& shape, Scalar value, const TensorOptions& options) {
  const DType dtype = options.dtype.value_or(default_dtype(value));
  Tensor out = empty(shape, {.dtype = dtype, .device = options.device});
  out.fill_(value);
  if (options.requires_grad) out.requires_grad_();
  return out;
}

Tensor zeros(const Shape& shape, const TensorOptions& options) {
  return full(shape, 0.0, options);
}
Tensor ones(const Shape& shape, const TensorOptions& options) {
  return full(shape, 1.0, options);
}

Tensor empty_like(const Tensor& like) {
  const bool dense = is_dense_in_some_order(like.shape(), like.strides());
  return empty_strided(like.shape(), dense ? like.strides() : dense_strides(like.shape()),
                       like.dtype(), like.device());
}

Tensor full_like(const Tensor& like, Scalar value) {
  Tensor out = empty_like(like);
  return out.fill_(value);
}
Tensor zeros_like(const Tensor& like) {
  return full_like(like, 0);
}
Tensor ones_like(const Tensor& like) {
  return full_like(like, 1);
}

namespace {

bool is_whole(double value) {
  return value == std::floor(value);
}

// How many numbers lie in the range; exact for integers.
int64_t arange_size(const Scalar& start, const Scalar& end, const Scalar& step) {
  if (start.is_integral() && end.is_integral() && step.is_integral()) {
    const auto first = start.to<uint64_t>(), last = end.to<uint64_t>();  // differences wrap right
    const auto by = step.to<int64_t>();
    const bool any =
        by > 0 ? end.to<int64_t>() > start.to<int64_t>() : end.to<int64_t>() < start.to<int64_t>();
    if (!any) return 0;
    const uint64_t distance = by > 0 ? last - first : first - last;
    const uint64_t magnitude = by > 0 ? static_cast<uint64_t>(by) : 0 - static_cast<uint64_t>(by);
    const uint64_t count = (distance - 1) / magnitude + 1;
    if (count > INT64_MAX) fail("arange: the range has more elements than can be counted");
    return static_cast<int64_t>(count);
  }
  const double count = std::ceil((end.to<double>() - start.to<double>()) / step.to<double>());
  if (count >= 0x1p63) fail("arange: the range has more elements than can be counted");
  return static_cast<int64_t>(std::max(0.0, count));
}

// Throws Error unless the dtype holds the first and the last of `count` numbers.
void check_arange_fits(DType dtype, const Scalar& start, const Scalar& step, int64_t count) {
  const double last = start.to<double>() + step.to<double>() * static_cast<double>(count - 1);
  bool fits = start.fits<int64_t>() && step.fits<int64_t>();
  if (is_floating_point(dtype)) {
    fits = dispatch_floating("arange", dtype,
                             [&]<class T>() { return start.fits<T>() && Scalar(last).fits<T>(); });
  } else if (fits) {  // counted in 64 bits, which wrap to the right number between start and end
    const uint64_t distance = step.to<uint64_t>() * static_cast<uint64_t>(count - 1);
    const auto exact = static_cast<int64_t>(start.to<uint64_t>() + distance);
    const int64_t least = std::min(start.to<int64_t>(), exact);
    const int64_t most = std::max(start.to<int64_t>(), exact);
    fits = dispatch_numeric("arange", dtype,
                            [&]<class T>() { return has_whole_numbers<T>(least, most); });
  }
  if (!fits)
    fail("arange: ", dtype, " cannot hold the numbers from ", start.to<double>(), " to ", last,
         "; ask for a wider dtype");
}

}  // namespace

Tensor arange(Scalar start, Scalar end, Scalar step, const TensorOptions& options) {
  const double first = start.to<double>(), last = end.to<double>(), by = step.to<double>();
  if (by == 0 || !std::isfinite(first) || !std::isfinite(last) || !std::isfinite(by))
    fail("arange: needs finite numbers and a step other than 0, got ", first, ", ", last, ", ", by);
  const bool whole = start.is_integral() && end.is_integral() && step.is_integral();
  const DType dtype = options.dtype.value_or(whole ? int64 : float32);
  if (!is_floating_point(dtype) && (!is_whole(first) || !is_whole(by)))
    fail("arange: ", dtype, " cannot hold steps of ", by, " from ", first,
         "; ask for {.dtype = float32}");
  const int64_t count = arange_size(start, end, step);
  if (count > 0) check_arange_fits(dtype, start, step, count);
  Tensor out = empty({count}, {.dtype = dtype, .device = options.device});
  dispatch_numeric("arange", dtype, [&]<class T>() {
    if (count == 0) return;
    on_device(options.device, [&](auto stream) {
      using Number = kernels::ArangeNumber<T>;
      kernels::arange(stream, start.to<Number>(), step.to<Number>(), count, out.data<T>());
    });
  });
  return out.requires_grad_(options.requires_grad);
}

Tensor arange(Scalar start, Scalar end, const TensorOptions& options) {
  return arange(start, end, 1, options);
}
Tensor arange(Scalar end, const TensorOptions& options) {
  return arange(0, end, 1, options);
}

Tensor rand(const Shape& shape, const TensorOptions& options, Generator& generator) {
  return drawn(shape, options, [&](auto values) { generator.uniform(values); });
}

Tensor randn(const Shape& shape, const TensorOptions& options, Generator& generator) {
  return drawn(shape, options, [&](auto values) { generator.normal(values); });
}

Tensor randint(int64_t low, int64_t high, const Shape& shape, const TensorOptions& options,
               Generator& generator) {
  const DType dtype = options.dtype.value_or(int64);
  const bool fits = dispatch_all(
      dtype, [&]<class T>() { return high <= low || has_whole_numbers<T>(low, high - 1); });
  if (!fits)
    fail("randint: ", dtype, " cannot hold every whole number from ", low, " to ", high - 1,
         "; ask for a wider dtype");
  Tensor values = empty(shape, {.dtype = int64});
  generator.integers({values.data<int64_t>(), static_cast<size_t>(values.numel())}, low, high);
  return placed(values, options);
}

Tensor randperm(int64_t n, Generator& generator) {
  Tensor values = empty({n}, {.dtype = int64});
  generator.permutation({values.data<int64_t>(), static_cast<size_t>(n)});
  return values;
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
  const DType dtype = options.dtype.value_or(float32);
  const size_t bytes = bytes_of(shape, dtype);
  if (data == nullptr && bytes > 0) fail("from_blob: got a null pointer for shape ", shape);
  Tensor out = make_tensor(Storage::borrow(data, bytes, options.device, std::move(release)), shape,
                           dense_strides(shape), 0, dtype);
  return out.requires_grad_(options.requires_grad);
}

}  // namespace cuttle
