// Tensors whose numbers follow each other.
#include <algorithm>
#include <cmath>
#include <utility>

#include "../kernels/fill.h"
#include "creation.h"
#include "dispatch.h"
#include "distributions.h"

namespace cuttle {
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
    fits = has_whole_numbers(dtype, least, most);
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
  if (profiler::is_listening()) profiler::begin_operation("arange");
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

Tensor linspace(Scalar start, Scalar end, int64_t steps, const TensorOptions& options) {
  const DType dtype = options.dtype.value_or(float32);
  if (steps < 0) fail("linspace: the number of steps must not be negative, got ", steps);
  Tensor out = empty({steps}, {.dtype = dtype, .device = options.device});
  const double first = start.to<double>(), last = end.to<double>();
  const double step = steps > 1 ? (last - first) / static_cast<double>(steps - 1) : 0;
  if (profiler::is_listening()) profiler::begin_operation("linspace");
  dispatch_numeric("linspace", dtype, [&]<class T>() {
    if (steps > 0 && (!start.in_range<T>() || !end.in_range<T>()))
      fail("linspace: ", dtype, " cannot hold the numbers from ", start, " to ", end,
           "; ask for a wider dtype");
    on_device(options.device, [&](auto stream) {
      kernels::linspace(stream, first, steps == 1 ? first : last, step, steps, out.data<T>());
    });
  });
  return out.requires_grad_(options.requires_grad);
}

Tensor logspace(Scalar start, Scalar end, int64_t steps, double base,
                const TensorOptions& options) {
  if (steps < 0) fail("logspace: the number of steps must not be negative, got ", steps);
  const Tensor powers = linspace(start, end, steps, {.dtype = float64});
  double* const values = powers.data<double>();
  for (int64_t i = 0; i < steps; ++i) values[i] = std::pow(base, values[i]);
  Tensor out = powers.to(options.device, options.dtype.value_or(float32));
  return out.requires_grad_(options.requires_grad);
}

}  // namespace cuttle
