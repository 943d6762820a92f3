#include "histogram.h"

#include <algorithm>
#include <cmath>

#include "../../kernels/error.h"

namespace cuttle::tensorboard {
namespace {

const std::vector<double>& tensorflow_edges() {
  static const std::vector<double> edges = [] {
    std::vector<double> positive;
    for (double edge = 1e-12; edge < 1e20; edge *= 1.1) positive.push_back(edge);
    std::vector<double> all;
    for (auto edge = positive.rbegin(); edge != positive.rend(); ++edge) all.push_back(-*edge);
    all.push_back(0);
    all.insert(all.end(), positive.begin(), positive.end());
    return all;
  }();
  return edges;
}

// As numpy.histogram has them: a range without width gets one of 1.
std::vector<double> equal_edges(double low, double high, int64_t bins) {
  if (low == high) low -= 0.5, high += 0.5;
  const double width = (high - low) / static_cast<double>(bins);
  std::vector<double> edges;
  for (int64_t i = 0; i < bins; ++i) edges.push_back(static_cast<double>(i) * width + low);
  edges.push_back(high);
  return edges;
}

void check_options(const HistogramOptions& options) {
  if (options.bins < 0 || options.max_bins < 0)
    fail("add_histogram: bins and max_bins must not be negative, got ", options.bins, " and ",
         options.max_bins);
  const auto& edges = options.edges;
  if (edges.empty()) return;
  if (edges.size() == 1 || !std::is_sorted(edges.begin(), edges.end()) ||
      !std::all_of(edges.begin(), edges.end(), [](double edge) { return std::isfinite(edge); }))
    fail("add_histogram: expected two or more finite edges in rising order, got ", edges.size(),
         " that are not");
}

std::vector<double> count(const std::vector<double>& values, const std::vector<double>& edges) {
  std::vector<double> counts(edges.size() - 1);
  for (const double value : values) {
    if (value < edges.front() || value > edges.back()) continue;
    const auto right = std::upper_bound(edges.begin(), edges.end(), value);
    const auto bin = static_cast<size_t>(right - edges.begin()) - 1;
    counts[std::min(bin, counts.size() - 1)] += 1;
  }
  return counts;
}

// Joins so many neighbours that about max_bins bins are left, the last one perhaps of fewer.
void join_bins(std::vector<double>& counts, std::vector<double>& edges, size_t max_bins) {
  const size_t together = counts.size() / max_bins;
  std::vector<double> joined_counts, joined_edges;
  for (size_t bin = 0; bin < counts.size(); ++bin) {
    if (bin % together == 0) joined_counts.push_back(0), joined_edges.push_back(edges[bin]);
    joined_counts.back() += counts[bin];
  }
  joined_edges.push_back(edges.back());
  counts = std::move(joined_counts);
  edges = std::move(joined_edges);
}

}  // namespace

std::vector<double> finite_values(const Tensor& values) {
  const Tensor numbers = values.detach().cpu().to(float64).contiguous();
  const double* first = numbers.data<double>();
  std::vector<double> finite;
  std::copy_if(first, first + numbers.numel(), std::back_inserter(finite),
               [](double value) { return std::isfinite(value); });
  return finite;
}

Histogram make_histogram(const std::vector<double>& values, const HistogramOptions& options) {
  check_options(options);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  Histogram histogram{*low, *high, static_cast<double>(values.size()), 0, 0, {}, {}};
  for (const double value : values) {
    histogram.sum += value;
    histogram.sum_squares += value * value;
  }
  std::vector<double> edges = !options.edges.empty() ? options.edges
                              : options.bins > 0     ? equal_edges(*low, *high, options.bins)
                                                     : tensorflow_edges();
  std::vector<double> counts = count(values, edges);
  if (options.max_bins > 0 && counts.size() > static_cast<size_t>(options.max_bins))
    join_bins(counts, edges, static_cast<size_t>(options.max_bins));

  const auto has_values = [](double n) { return n > 0; };
  const auto first = std::find_if(counts.begin(), counts.end(), has_values);
  if (first == counts.end()) return histogram;
  const auto last = std::find_if(counts.rbegin(), counts.rend(), has_values).base();
  // Limits are right edges, so an empty bucket in front tells where the first bin begins.
  const auto begin = first - counts.begin(), end = last - counts.begin();
  histogram.counts = {0};
  histogram.counts.insert(histogram.counts.end(), first, last);
  histogram.limits.assign(edges.begin() + begin, edges.begin() + end + 1);
  return histogram;
}

}  // namespace cuttle::tensorboard
