// CTC against the sum over all alignments, each written out.
#include <cuttle/kernels/ctc_loss.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using CtcLossTest = KernelTest<Backend>;
TYPED_TEST_SUITE(CtcLossTest, Backends, BackendName);

constexpr int64_t kFrames = 5, kBatch = 3, kClasses = 4;
const std::vector<int64_t> kTargets = {1, 1, 2, 3}, kStarts = {0, 3, 4}, kLengths = {3, 1, 0},
                           kInputs = {5, 3, 4};

/// The labels that a row of classes, one a frame, stands for: repetitions merged, blanks dropped.
std::vector<int64_t> labels_of(const std::vector<int64_t>& path) {
  std::vector<int64_t> labels;
  for (size_t t = 0; t < path.size(); ++t)
    if (path[t] != 0 && (t == 0 || path[t] != path[t - 1])) labels.push_back(path[t]);
  return labels;
}

/// −log of the sum, and its derivatives (T, N, C) times `g`.
double sample_loss(const std::vector<double>& x, size_t n, double g, std::vector<double>& dx) {
  const std::vector<int64_t> target(kTargets.begin() + kStarts[n],
                                    kTargets.begin() + kStarts[n] + kLengths[n]);
  std::vector<int64_t> path(size_t(kInputs[n]), 0);
  double p = 0;
  std::vector<double> through(x.size());
  for (;;) {
    double log_p = 0;
    for (size_t t = 0; t < path.size(); ++t)
      log_p += x[(t * kBatch + n) * kClasses + size_t(path[t])];
    if (labels_of(path) == target) {
      p += std::exp(log_p);
      for (size_t t = 0; t < path.size(); ++t)
        through[(t * kBatch + n) * kClasses + size_t(path[t])] += std::exp(log_p);
    }
    size_t digit = 0;
    while (digit < path.size() && ++path[digit] == kClasses) path[digit++] = 0;
    if (digit == path.size()) break;
  }
  for (size_t i = 0; i < x.size(); ++i) dx[i] -= g * through[i] / p;
  return -std::log(p);
}

template <class T, class Backend>
void check(const KernelTest<Backend>& test) {
  const CtcShape shape{.frames = kFrames, .batch = kBatch, .classes = kClasses, .longest = 3};
  const auto values = random_values<T>(kFrames * kBatch * kClasses, 1, -3, 0);
  const auto g_values = random_values<T>(kBatch, 2);
  std::vector<double> loss, dx(values.size());
  for (size_t n = 0; n < kBatch; ++n)
    loss.push_back(sample_loss({values.begin(), values.end()}, n, double(g_values[n]), dx));
  auto x = test.template upload<T>(values);
  auto g = test.template upload<T>(g_values);
  auto targets = test.template upload<int64_t>(kTargets);
  auto starts = test.template upload<int64_t>(kStarts);
  auto lengths = test.template upload<int64_t>(kLengths);
  auto frames = test.template upload<int64_t>(kInputs);
  auto alpha = test.template unset<double>(size_t(kBatch * kFrames * shape.states()));
  auto beta = test.template unset<double>(size_t(kBatch * kFrames * shape.states()));
  auto log_p = test.template unset<double>(kBatch);
  auto found = test.template unset<T>(kBatch);
  auto slopes = test.template unset<T>(values.size());
  const CtcInputs<T> in{.log_probs = x.data(),
                        .targets = targets.data(),
                        .starts = starts.data(),
                        .target_lengths = lengths.data(),
                        .input_lengths = frames.data()};
  ctc_loss_forward<T>(test.stream, shape, in, alpha.data(), log_p.data(), found.data());
  expect_close(found.to_host(), loss, 0, 4 * kEpsilon<T>, "loss");
  ctc_loss_backward<T>(test.stream, shape, in, alpha.data(), log_p.data(), g.data(), beta.data(),
                       slopes.data());
  expect_close(slopes.to_host(), dx, 4 * kEpsilon<T>, 16 * kEpsilon<T>, "gradient");
}

TYPED_TEST(CtcLossTest, FollowsAllAlignments) {
  check<float>(*this);
  check<double>(*this);
}

}  // namespace
}  // namespace cuttle::test
