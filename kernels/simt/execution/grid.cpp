// Deals the blocks of a grid out. On a GPU any block may run at any time on any multiprocessor, and
// nothing can be relied on between two of them. Here:
// - as a rule one multiprocessor runs them all, in order, or in random order with a seed;
// - a large grid is shared by several OS threads, each with a multiprocessor of its own;
// - for the thread sanitizer, one OS thread runs them on several multiprocessors in turn, which
//   makes races between blocks visible (findings/race_detector.h).
#include "grid.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include "../findings/crash.h"
#include "../findings/sanitizers.h"
#include "../findings/trace.h"
#include "../findings/watchdog.h"
#include "../options.h"
#include "multiprocessor.h"

namespace cuttle::simt {

namespace {

// With fewer CUDA threads than this in all, starting OS threads would cost more than it gives.
constexpr size_t kWorthSharing = 16384;

uint3 block_at(const dim3& grid, size_t number) {
  return {static_cast<unsigned>(number % grid.x), static_cast<unsigned>(number / grid.x % grid.y),
          static_cast<unsigned>(number / grid.x / grid.y)};
}

class Grid {
 public:
  void run(const Launch& launch) {
    const Options& o = options();
    ++launches_;
    if (o.seed) seed_ = *o.seed * 1'000'003 + launches_;
    const dim3 grid = launch.grid, block = launch.block;
    const size_t blocks = size_t{grid.x} * grid.y * grid.z;
    const unsigned threads = block.x * block.y * block.z;
    if (kThreadSanitizer) {
      run_in_turn(launch, blocks, threads);
    } else if (!kTrace && o.os_threads > 1 && blocks > 1 && blocks * threads >= kWorthSharing) {
      run_shared(launch, blocks, o.os_threads);
    } else {
      run_alone(launch, blocks);
    }
  }

 private:
  const uint64_t* seed() const { return options().seed ? &seed_ : nullptr; }

  Multiprocessor& multiprocessor(size_t index) {
    while (multiprocessors_.size() <= index) {
      multiprocessors_.push_back(std::make_unique<Multiprocessor>());
    }
    return *multiprocessors_[index];
  }

  std::vector<size_t> order_of_blocks(size_t blocks) const {
    std::vector<size_t> order(blocks);
    std::iota(order.begin(), order.end(), size_t{0});
    if (seed()) std::shuffle(order.begin(), order.end(), std::mt19937_64(seed_));
    return order;
  }

  void run_alone(const Launch& launch, size_t blocks) {
    Multiprocessor& one = multiprocessor(0);
    one.begin_launch(launch, seed());
    const Watchdog watchdog(launch.kernel, options().watchdog);
    if (kTrace) Trace::instance().begin_launch(launch, one.counts());
    const std::vector<size_t> order = seed() ? order_of_blocks(blocks) : std::vector<size_t>();
    for (size_t i = 0; i < blocks; ++i) {
      one.run_block(block_at(launch.grid, order.empty() ? i : order[i]));
    }
    if (kTrace) Trace::instance().end_launch(one.counts());
  }

  void run_in_turn(const Launch& launch, size_t blocks, unsigned threads) {
    // The sanitizer has clocks for some 8,000 threads at most.
    const size_t count = std::min<size_t>(blocks, threads <= 128 ? 8 : threads <= 256 ? 4 : 2);
    // Its clocks take a millisecond each to make, which is not the kernel's time.
    for (size_t m = 0; m < count; ++m) multiprocessor(m).begin_launch(launch, seed());
    Multiprocessor::start_launch();
    const Watchdog watchdog(launch.kernel, options().watchdog);
    const std::vector<size_t> order = order_of_blocks(blocks);
    for (size_t i = 0; i < blocks; ++i) {
      multiprocessor(i % count).run_block(block_at(launch.grid, order[i]));
    }
    for (size_t m = 0; m < count; ++m) multiprocessor(m).finish_launch();
  }

  void run_shared(const Launch& launch, size_t blocks, unsigned os_threads) {
    const size_t count = std::min<size_t>(os_threads, blocks);
    std::atomic<size_t> next{0};
    const auto work = [&](size_t index) {
      install_crash_stack();
      Multiprocessor& mine = *multiprocessors_[index];
      mine.begin_launch(launch, nullptr);
      const Watchdog watchdog(launch.kernel, options().watchdog);
      for (size_t i; (i = next.fetch_add(1)) < blocks;) {
        mine.run_block(block_at(launch.grid, i));
      }
    };
    multiprocessor(count - 1);
    std::vector<std::thread> helpers;
    for (size_t h = 1; h < count; ++h) helpers.emplace_back(work, h);
    work(0);
    for (std::thread& helper : helpers) helper.join();
  }

  std::vector<std::unique_ptr<Multiprocessor>> multiprocessors_;
  uint64_t launches_ = 0;
  uint64_t seed_ = 0;  // of this launch
};

}  // namespace

void run_grid(const Launch& launch) {
  // One for all host threads, of which the driver's lock lets one at a time through; never
  // destroyed, for a program may launch until its very end.
  static Grid& grid = *new Grid;
  static std::once_flag installed;
  std::call_once(installed, install_crash_reports);
  install_crash_stack();
  grid.run(launch);
}

}  // namespace cuttle::simt
