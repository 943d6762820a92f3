// Counts: of elements in bins, and of whole numbers.
#include "../../kernels/histogram.h"

#include <cmath>

#include "../creation.h"
#include "../dispatch.h"
#include "../stream_use.h"
#include "along.h"
#include "arithmetic.h"
#include "ordering.h"
#include "recurrence.h"

namespace cuttle {
namespace {

template <class T>
struct Range {
  T low, high;
};

// The smallest and the largest element of a vector that is not empty, NaN as both.
template <class T>
Range<T> range_of(std::string_view op, const Tensor& x) {
  refuse_while_capturing(x.device(), op,
                         "its result depends on the smallest and the largest element, which it "
                         "waits for; call it before the capture");
  return {x.amin().item<T>(), x.amax().item<T>()};
}

// The bins of histc: those asked for or, where they have no width, those from the smallest to the
// largest element, a unit wider on both sides where that is nothing either.
Range<double> range_of_bins(const Tensor& x, double min, double max) {
  if (min > max) fail("histc: min must not be above max, got min = ", min, ", max = ", max);
  Range<double> range{min, max};
  if (min == max && x.numel() > 0) range = range_of<double>("histc", x);
  if (range.low == range.high) range = {range.low - 1, range.high + 1};
  if (!std::isfinite(range.low) || !std::isfinite(range.high))
    fail("histc: the bins would reach from ", range.low, " to ", range.high,
         ", which is not finite; give min and max");
  return range;
}

// Σ weights of each number below `bins`: summed along runs of the sorted numbers, whose last
// elements hold the sums.
Tensor sums_of_weights(const Tensor& numbers, const Tensor& weights, int64_t bins) {
  const int64_t n = numbers.size(0);
  const ValuesIndices sorted = numbers.sort();
  const Tensor terms = take_along(weights, 0, sorted.indices);
  const Tensor& runs = sorted.values;
  const Tensor edge = full({1}, -1, {.dtype = int64, .device = numbers.device()});
  const Tensor goes_on = runs == cat({edge, runs.narrow(0, 0, n - 1)});
  const Tensor sums = linear_recurrence(goes_on.to(terms.dtype()), terms, 0, /*reverse=*/false);
  const Tensor ends =
      places_of("bincount", runs != cat({runs.narrow(0, 1, n - 1), edge})).view({-1});
  return put_along(take_along(sums, 0, ends), 0, take_along(runs, 0, ends), bins);
}

// `weights` may be nullptr.
Tensor count_numbers(const Tensor& x, const Tensor* weights, int64_t minlength) {
  check_defined("bincount", x);
  if (x.dim() != 1 || is_floating_point(x.dtype()) || x.dtype() == boolean)
    fail("bincount: expected integers in one dimension, got ", x.dtype(), " of shape ", x.shape());
  if (minlength < 0) fail("bincount: minlength must be at least 0, got ", minlength);
  if (weights != nullptr) {
    check_same_device("bincount", {&x, weights});
    if (weights->shape() != x.shape())
      fail("bincount: one weight a number is needed, got weights of shape ", weights->shape(),
           " for numbers of shape ", x.shape());
  }
  const Tensor numbers = x.to(int64).contiguous();
  int64_t bins = minlength;
  if (numbers.numel() > 0) {
    const Range<int64_t> range = range_of<int64_t>("bincount", numbers);
    if (range.low < 0) fail("bincount: numbers must be at least 0, got ", range.low);
    bins = std::max(bins, range.high + 1);
  }
  if (weights != nullptr) {
    const DType dtype = weights->dtype() == float32 ? float32 : float64;
    if (numbers.numel() == 0) return zeros({bins}, {.dtype = dtype, .device = x.device()});
    return sums_of_weights(numbers, weights->detach().to(dtype), bins);
  }
  Tensor counts = zeros({bins}, {.dtype = int64, .device = x.device()});
  on_device(x.device(), [&](auto stream) {
    kernels::histogram(stream, numbers.numel(), kernels::Bins<int64_t>{0, bins - 1, bins},
                       numbers.data<int64_t>(), counts.data<int64_t>());
  });
  return counts;
}

}  // namespace

Tensor OrderingMethods::histc(int64_t bins, double min, double max) const {
  const Tensor& input = self(*this);
  check_defined("histc", input);
  if (bins < 1) fail("histc: there must be at least 1 bin, got ", bins);
  if (!is_floating_point(input.dtype()))
    fail("histc: expected a floating dtype, got ", input.dtype(),
         "; convert first, with .to(float32) for example, or use bincount");
  const Tensor x = input.detach().reshape({input.numel()}).contiguous();
  const Range<double> range = range_of_bins(x, min, max);
  Tensor counts = zeros({bins}, {.dtype = int64, .device = x.device()});
  dispatch_floating("histc", x.dtype(), [&]<class T>() {
    using Number = kernels::Compute<T>;
    const kernels::Bins<Number> all{static_cast<Number>(range.low), static_cast<Number>(range.high),
                                    bins};
    on_device(x.device(), [&](auto stream) {
      kernels::histogram(stream, x.numel(), all, x.data<T>(), counts.data<int64_t>());
    });
  });
  return counts.to(x.dtype());
}

Tensor OrderingMethods::bincount(int64_t minlength) const {
  return count_numbers(self(*this), nullptr, minlength);
}
Tensor OrderingMethods::bincount(const Tensor& weights, int64_t minlength) const {
  return count_numbers(self(*this), &weights, minlength);
}

Tensor bincount(const Tensor& x, const Tensor& weights, int64_t minlength) {
  return weights.defined() ? x.bincount(weights, minlength) : x.bincount(minlength);
}
Tensor histc(const Tensor& x, int64_t bins, double min, double max) {
  return x.histc(bins, min, max);
}

}  // namespace cuttle
