// Histograms with the bins of torch.utils.tensorboard.
#pragma once

#include <cstdint>
#include <vector>

#include "../../core/tensor.h"

namespace cuttle {

struct HistogramOptions {
  /// How many bins of equal width there are between the smallest and the largest value; 0 for the
  /// default, PyTorch's bins = "tensorflow": edges at 0 and ±10⁻¹²·1.1ⁱ up to 10²⁰.
  int64_t bins = 0;
  /// Edges of one's own, in rising order, in place of both. Bins are closed at their left, the last
  /// one at both sides; values outside are not counted.
  std::vector<double> edges = {};
  /// Neighbouring bins are joined until there are about so many; 0: as many as there are.
  int64_t max_bins = 0;
};

namespace tensorboard {

/// HistogramProto: what TensorBoard draws. `limits` are the right edges of the buckets.
struct Histogram {
  double min = 0, max = 0, num = 0, sum = 0, sum_squares = 0;
  std::vector<double> limits, counts;
};

/// The finite elements of a tensor, in double.
std::vector<double> finite_values(const Tensor& values);
/// Of finite values, one or more. Bins in front of the first and behind the last that has values
/// are left out; where no value lies in a bin, there are none. Throws Error for options that make
/// no bins.
Histogram make_histogram(const std::vector<double>& values, const HistogramOptions& options);

}  // namespace tensorboard
}  // namespace cuttle
