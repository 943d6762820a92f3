// The caching allocator on a source that is watched, and the allocators behind tensors.
#include <cuttle/core/allocators.h>
#include <cuttle/core/caching_allocator.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>

#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>

#include "support/devices.h"
#include "support/expect.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCaching = false;  // sanitizer builds make one allocation for each tensor
// An impossible allocation is to return nullptr as it does without the sanitizer.
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}
extern "C" const char* __tsan_default_options() {
  return "allocator_may_return_null=1";
}
#else
constexpr bool kCaching = true;
#endif

namespace cuttle::test {
namespace {

constexpr size_t kMiB = 1024 * 1024;

#define SKIP_WITHOUT_CACHING() \
  if (!kCaching) GTEST_SKIP() << "sanitizer builds give memory back at once"

/// What is taken and given back, with room for `capacity` bytes.
struct Ledger {
  size_t capacity = SIZE_MAX;
  size_t held = 0;
  int takes = 0, returns = 0;
};

class WatchedMemory final : public MemorySource {
 public:
  explicit WatchedMemory(Ledger& ledger) : ledger_(ledger) {}
  void* take(size_t bytes) override {
    if (bytes > ledger_.capacity - ledger_.held) return nullptr;
    void* const memory = std::aligned_alloc(512, (bytes + 511) / 512 * 512);
    sizes_[memory] = bytes;
    ledger_.held += bytes;
    ++ledger_.takes;
    return memory;
  }
  void give_back(void* memory) noexcept override {
    ledger_.held -= sizes_.at(memory);
    sizes_.erase(memory);
    ++ledger_.returns;
    std::free(memory);
  }
  std::string name() const override { return "the test"; }

 private:
  Ledger& ledger_;
  std::map<void*, size_t> sizes_;
};

class Allocator : public ::testing::Test {
 protected:
  Ledger ledger;
  CachingAllocator allocator{std::make_unique<WatchedMemory>(ledger)};

  void TearDown() override {
    EXPECT_EQ(allocator.stats().allocated_bytes, 0);
    allocator.empty_cache();
    EXPECT_EQ(ledger.held, 0);  // nothing is lost
    EXPECT_EQ(allocator.stats().reserved_bytes, 0);
  }
};

TEST_F(Allocator, NothingForNothing) {
  EXPECT_EQ(allocator.allocate(0), nullptr);
  allocator.free(nullptr);
  EXPECT_EQ(allocator.stats().allocations, 0);
}

TEST_F(Allocator, ReusesFreedMemory) {
  SKIP_WITHOUT_CACHING();
  for (const size_t bytes : {size_t{1}, size_t{1000}, 3 * kMiB, 50 * kMiB}) {
    void* const first = allocator.allocate(bytes);
    const uint64_t before = allocator.stats().system_allocations;
    allocator.free(first);
    EXPECT_EQ(allocator.allocate(bytes), first);
    allocator.free(first);
    EXPECT_EQ(allocator.stats().system_allocations, before);
  }
  EXPECT_EQ(ledger.takes, 3);  // the two small ones share a segment
}

TEST_F(Allocator, SplitsAndMerges) {
  SKIP_WITHOUT_CACHING();
  std::vector<char*> blocks;
  for (int i = 0; i < 20; ++i) blocks.push_back(static_cast<char*>(allocator.allocate(100000)));
  EXPECT_EQ(ledger.takes, 1);  // one segment, and less than a block is left of it
  for (size_t i = 1; i < blocks.size(); ++i) EXPECT_GE(blocks[i] - blocks[i - 1], 100000);
  // Freed in an order that merges with the next, the previous, and both.
  std::vector<size_t> order = {1, 3, 2, 7, 0, 5, 6, 4};
  for (size_t i = 8; i < blocks.size(); ++i) order.push_back(27 - i);
  for (const size_t i : order) allocator.free(blocks[i]);
  void* const whole = allocator.allocate(1000000);  // fits only if ten are one block again
  EXPECT_EQ(whole, blocks[0]);
  EXPECT_EQ(ledger.takes, 1);
  allocator.free(whole);
}

TEST_F(Allocator, HandsOutWhatWasFreedLastOfASize) {
  SKIP_WITHOUT_CACHING();
  void* const a = allocator.allocate(1000);
  void* const b = allocator.allocate(900);  // rounded up to the same
  void* const other = allocator.allocate(2000);
  for (void* const memory : {a, b, other}) allocator.free(memory);
  EXPECT_EQ(allocator.allocate(1024), b);
  EXPECT_EQ(allocator.allocate(1000), a);
  void* const third = allocator.allocate(1000);
  EXPECT_NE(third, other);  // which waits for its own size
  EXPECT_EQ(allocator.allocate(2048), other);
  EXPECT_EQ(ledger.takes, 1);
  for (void* const memory : {a, b, third, other}) allocator.free(memory);
}

TEST_F(Allocator, SmallTensorsDoNotPinLargeSegments) {
  SKIP_WITHOUT_CACHING();
  void* const large = allocator.allocate(30 * kMiB);
  allocator.free(large);
  void* const small = allocator.allocate(100);
  allocator.empty_cache();
  EXPECT_EQ(ledger.returns, 1);
  EXPECT_EQ(ledger.held, 2 * kMiB);
  allocator.free(small);
}

TEST_F(Allocator, CountsBytes) {
  void* const a = allocator.allocate(1024);
  void* const b = allocator.allocate(2048);
  EXPECT_EQ(allocator.stats().allocated_bytes, 3072);
  allocator.free(a);
  EXPECT_EQ(allocator.stats().allocated_bytes, 2048);
  EXPECT_EQ(allocator.stats().peak_allocated_bytes, 3072);
  EXPECT_EQ(allocator.stats().allocations, 2);
  EXPECT_EQ(allocator.stats().reserved_bytes, ledger.held);
  allocator.free(b);
}

TEST_F(Allocator, GivesBackTheCacheBeforeItGivesUp) {
  ledger.capacity = 40 * kMiB;
  void* const first = allocator.allocate(30 * kMiB);
  allocator.free(first);
  void* const second = allocator.allocate(36 * kMiB);  // only fits once the first is gone
  EXPECT_EQ(ledger.returns, 1);
  EXPECT_EQ(error_of([&] { allocator.allocate(8 * kMiB); }),
            "out of memory on the test: a tensor needs 8.0 MiB, 36.0 MiB are in use by tensors; "
            "use a smaller batch, or drop tensors that are no longer needed");
  EXPECT_THROW(allocator.allocate(8 * kMiB), OutOfMemoryError);
  EXPECT_EQ(allocator.stats().allocated_bytes, 36 * kMiB);
  std::memset(second, 1, 36 * kMiB);
  allocator.free(second);
}

TEST_F(Allocator, Limits) {
  allocator.set_limit(10 * kMiB);
  EXPECT_EQ(error_of([&] { allocator.allocate(11 * kMiB); }),
            "out of memory on the test: a tensor needs 11.0 MiB, 0.0 KiB are in use by tensors and "
            "set_memory_limit allows 10.0 MiB; use a smaller batch, or drop tensors that are no "
            "longer needed");
  EXPECT_EQ(ledger.takes, 0);
  void* const small = allocator.allocate(kMiB / 2);
  allocator.set_limit(0);
  void* const large = allocator.allocate(11 * kMiB);
  allocator.free(large);
  allocator.free(small);
}

TEST_F(Allocator, ImpossibleSizes) {
  EXPECT_THROW(allocator.allocate(SIZE_MAX), OutOfMemoryError);
  EXPECT_THROW(allocator.allocate(SIZE_MAX / 2 + 1), OutOfMemoryError);
  ledger.capacity = kMiB;
  EXPECT_THROW(allocator.allocate(SIZE_MAX / 2), OutOfMemoryError);
}

// Blocks of random sizes filled with their own number: an overlap would show.
void hammer(CachingAllocator& allocator, uint32_t seed, int rounds) {
  std::mt19937 random(seed);
  struct Piece {
    unsigned char* memory;
    size_t bytes;
    unsigned char mark;
  };
  std::vector<Piece> pieces;
  for (int i = 0; i < rounds; ++i) {
    if (pieces.size() < 20 || random() % 2) {
      const size_t bytes = random() % 100 == 0 ? 2 * kMiB + random() % kMiB : 1 + random() % 5000;
      auto* const memory = static_cast<unsigned char*>(allocator.allocate(bytes));
      ASSERT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0);
      const auto mark = static_cast<unsigned char>(random());
      std::memset(memory, mark, bytes);
      pieces.push_back({memory, bytes, mark});
    } else {
      const size_t at = random() % pieces.size();
      const Piece piece = pieces[at];
      ASSERT_EQ(piece.memory[0], piece.mark);
      ASSERT_EQ(piece.memory[piece.bytes / 2], piece.mark);
      ASSERT_EQ(piece.memory[piece.bytes - 1], piece.mark);
      allocator.free(piece.memory);
      pieces[at] = pieces.back();
      pieces.pop_back();
    }
  }
  for (const Piece& piece : pieces) allocator.free(piece.memory);
}

TEST_F(Allocator, ManyRandomBlocksNeverOverlap) {
  hammer(allocator, 1, 20000);
}

TEST_F(Allocator, ThreadsShareIt) {
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 4; ++t) threads.emplace_back([this, t] { hammer(allocator, t, 4000); });
  for (std::thread& thread : threads) thread.join();
}

class TensorMemory : public DeviceTest {
 protected:
  MemoryStats stats() const { return allocator_of(device()).stats(); }
};
CUTTLE_INSTANTIATE_DEVICES(TensorMemory);

TEST_P(TensorMemory, BelongsToTheLastHolder) {
  const size_t before = stats().allocated_bytes;
  Tensor x = zeros({1024}, {.device = device()});
  EXPECT_EQ(stats().allocated_bytes, before + 4096);
  const Tensor view = x.view({2, 512})[0];
  x = Tensor();
  EXPECT_EQ(stats().allocated_bytes, before + 4096);
  EXPECT_EQ(view.sum().item(), 0);
}

TEST_P(TensorMemory, ExhaustionLeavesEverythingIntact) {
  const Tensor x = ones({1000}, {.device = device()});
  const auto before = stats();
  const auto limit = [&](size_t bytes) {
    device().is_cpu() ? cpu::set_memory_limit(bytes) : cuda::set_memory_limit(bytes);
  };
  limit(before.reserved_bytes + kMiB);
  const std::string sentence =
      error_of([&] { (void)zeros({64 * 1024 * 1024}, {.device = device()}); });
  EXPECT_EQ(sentence.find("out of memory on "), 0) << sentence;
  EXPECT_NE(sentence.find(": a tensor needs 256.0 MiB, "), std::string::npos) << sentence;
  EXPECT_THROW((void)x.expand({64 * 1024, 1000}).contiguous(), OutOfMemoryError);
  EXPECT_THROW((void)(x.expand({64 * 1024, 1000}) + 1), OutOfMemoryError);
  EXPECT_EQ(stats().allocated_bytes, before.allocated_bytes);
  limit(0);
  EXPECT_EQ((x + 1).sum().item(), 2000);
}

TEST_P(TensorMemory, HugeShapesAreErrors) {
  const int64_t big = int64_t{1} << 31;
  const TensorOptions options{.device = device()};
  EXPECT_EQ(error_of([&] {
              (void)empty({big, big, 4}, options);
            }),
            "empty: a tensor of shape [2147483648, 2147483648, 4] has more elements than can be "
            "counted");
  EXPECT_EQ(
      error_of([&] {
        (void)empty({big, big}, options);
      }),
      "a tensor of shape [2147483648, 2147483648] and dtype float32 is larger than memory can "
      "be");
  EXPECT_THROW((void)empty({big, 1 << 20}, options), OutOfMemoryError);
  EXPECT_EQ(error_of([&] {
              (void)empty({0, -3}, options);
            }),
            "empty: a size cannot be negative, got shape [0, -3]");
  EXPECT_EQ(empty({0, big, big, big}, options).numel(), 0);
  EXPECT_EQ(empty({big, 0, big}, options).sum().item(), 0);
  const Tensor wide = ones({1}, options).expand({big, big});
  EXPECT_THROW((void)(wide + 1), Error);
  EXPECT_THROW((void)(wide + wide), Error);
  EXPECT_THROW((void)wide.clone(), Error);
  EXPECT_THROW((void)wide.to(float64), Error);
  EXPECT_THROW((void)wide.relu(), Error);
  EXPECT_THROW((void)(wide == 1), Error);
}

}  // namespace
}  // namespace cuttle::test
