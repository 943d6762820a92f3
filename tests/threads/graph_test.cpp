// One graph that several threads replay.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>

#include <atomic>
#include <mutex>
#include <set>

#include "support/devices.h"
#include "team.h"

namespace cuttle::test {
namespace {

class SharedGraph : public DeviceTest {
 protected:
  int rounds(int on_cpu) const { return device().is_cpu() ? on_cpu : on_cpu / 10; }
  /// 3w, (2, 1): through a chain of nodes that allocate nothing, so that no lock but the tape's own
  /// stands between the threads that run it.
  static Tensor through_views(const Tensor& w, int length) {
    Tensor y = w * 3;
    for (int i = 0; i < length; ++i) y = y.unsqueeze(0).squeeze(0);
    return y;
  }
};
CUTTLE_INSTANTIATE_DEVICES(SharedGraph);

TEST_P(SharedGraph, IsReplayedByAllWhileItIsKept) {
  const Tensor w = tensor({1.f, 2.f}).to(device()).requires_grad_();
  const Tensor loss = through_views(w * w, 20).sum();  // 3w²
  const int count = rounds(40);
  run_together(count, [&](int, int) { loss.backward({}, /*retain_graph=*/true); });
  const double n = kThreads * count;
  EXPECT_EQ(w.grad().to_vector<double>(), (std::vector<double>{6 * n, 12 * n}));
}

// Without retain_graph one thread may free what another is about to need: that one gets the
// sentence. The thread that is furthest ahead cannot, so one at least comes through.
TEST_P(SharedGraph, IsFreedUnderTheOthersWithASentence) {
  const int count = rounds(40);
  const Tensor w = tensor({1.f, 2.f}).to(device()).requires_grad_();
  std::vector<Tensor> losses;
  for (int i = 0; i < count; ++i) losses.push_back(through_views(w * w, 300).sum());
  std::vector<std::atomic<int>> successes(count);
  std::mutex mutex;
  std::set<std::string> sentences;
  run_together(count, [&](int, int round) {
    try {
      losses[round].backward();
      ++successes[round];
    } catch (const Error& error) {
      const std::lock_guard lock(mutex);
      sentences.insert(error.what());
    }
  });
  for (const std::atomic<int>& count_of_round : successes) EXPECT_GE(count_of_round, 1);
  for (const std::string& sentence : sentences)
    EXPECT_NE(sentence.find("was freed by an earlier backward()"), std::string::npos) << sentence;
}

// A part that several graphs have in common.
TEST_P(SharedGraph, MayBePartOfEachThreadsOwn) {
  const Tensor w = tensor({2.f, 3.f}).to(device()).requires_grad_();
  const Tensor shared = through_views(w * w, 20);
  const int count = rounds(40);
  run_together(count, [&](int thread, int) {
    (shared * (thread + 1)).sum().backward({}, /*retain_graph=*/true);
  });
  const double n = (1 + 2 + 3 + 4) * count;
  EXPECT_EQ(w.grad().to_vector<double>(), (std::vector<double>{12 * n, 18 * n}));
}

}  // namespace
}  // namespace cuttle::test
