// Streams and events: what runs where, what waits for what, and memory that several streams use.
// In the interpreter streams are deferred, so that what nothing orders comes in random order.
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/cuda_stream.h>
#include <cuttle/core/ops/arithmetic.h>

#include <optional>
#include <thread>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

constexpr int kRounds = 20;  // each in another random order
constexpr int64_t kSize = 1025;

TEST(CudaStreamsWithoutADevice, SayWhy) {
  if (cuda::is_available()) GTEST_SKIP() << "there is a CUDA device";
  for (const std::string& sentence :
       {error_of([] { cuda::Stream(); }), error_of([] { (void)cuda::current_stream(); }),
        error_of([] { (void)cuda::default_stream(); }), error_of([] { cuda::Event(); })})
    EXPECT_NE(sentence.find(cuda::why_unavailable()), std::string::npos) << sentence;
}

class CudaStreams : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!cuda::is_available()) GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
    deferred_.emplace();
  }
  static Tensor filled(double value) {
    return full({kSize}, Scalar(value), {.dtype = float32, .device = "cuda"});
  }
  static void expect_all(const Tensor& x, float value) {
    EXPECT_EQ(x.to_vector<float>(), std::vector<float>(static_cast<size_t>(x.numel()), value));
  }

 private:
  std::optional<DeferredStreams> deferred_;
};

TEST_F(CudaStreams, TheCurrentOneIsTheThreads) {
  const cuda::Stream standard = cuda::default_stream(), a, b;
  EXPECT_EQ(cuda::current_stream(), standard);
  {
    const cuda::StreamGuard outer(a);
    EXPECT_EQ(cuda::current_stream(), a);
    {
      const cuda::StreamGuard inner(b);
      EXPECT_EQ(cuda::current_stream(), b);
      std::thread([&] { EXPECT_EQ(cuda::current_stream(), standard); }).join();
    }
    EXPECT_EQ(cuda::current_stream(), a);
  }
  EXPECT_EQ(cuda::current_stream(), standard);
}

TEST_F(CudaStreams, AreGivenOutAgainWhenNobodyHoldsThem) {
  std::optional<cuda::Stream> first{std::in_place}, second{std::in_place};
  EXPECT_NE(first->native().handle, second->native().handle);
  EXPECT_NE(first->native().handle, nullptr);  // not the legacy default stream
  void* const handle = first->native().handle;
  {
    const cuda::Stream copy = *first;
    first.reset();
    EXPECT_NE(cuda::Stream().native().handle, handle);
  }
  const cuda::Stream third, fourth;
  EXPECT_TRUE(third.native().handle == handle || fourth.native().handle == handle);
}

TEST_F(CudaStreams, WaitingOrdersThem) {
  const cuda::Stream side;
  for (int round = 0; round < kRounds; ++round) {
    Tensor x = filled(1);
    side.wait_stream(cuda::current_stream());
    {
      const cuda::StreamGuard guard(side);
      x.add_(1);
    }
    cuda::Event event = side.record_event();
    event.wait();
    expect_all(x * 2, 4);
  }
}

TEST_F(CudaStreams, WithoutAnEventOrderIsOpen) {
  if (!DeferredStreams::are_possible()) GTEST_SKIP() << "needs the interpreter's deferred streams";
  const cuda::Stream side;
  int too_early = 0;
  for (int round = 0; round < kRounds; ++round) {
    Tensor x = filled(1);
    cuda::synchronize();
    {
      const cuda::StreamGuard guard(side);
      x.add_(1);
    }
    too_early += (x * 2).to_vector<float>().front() == 2;
  }
  EXPECT_GT(too_early, 0);
  EXPECT_LT(too_early, kRounds);
}

TEST_F(CudaStreams, SynchronizeWaitsForAllOfThem) {
  const cuda::Stream a, b;
  Tensor x, y;
  {
    const cuda::StreamGuard guard(a);
    x = filled(1) + 1;
  }
  {
    const cuda::StreamGuard guard(b);
    y = filled(2) + 1;
  }
  cuda::synchronize();
  EXPECT_TRUE(a.query());
  EXPECT_TRUE(b.query());
  expect_all(x, 2);
  expect_all(y, 3);
}

TEST_F(CudaStreams, EventsMarkWork) {
  const cuda::Stream side;
  cuda::Event start(true), end(true);
  EXPECT_TRUE(start.query());  // never recorded
  start.wait();
  start.synchronize();
  EXPECT_NE(error_of([&] { (void)start.elapsed_time(end); }).find("must be recorded"),
            std::string::npos);
  EXPECT_NE(error_of([&] { (void)start.elapsed_time(cuda::Event()); }).find("enable_timing"),
            std::string::npos);
  const cuda::StreamGuard guard(side);
  start.record();
  const Tensor y = filled(3), x = y + 1;
  end.record();
  if (DeferredStreams::are_possible()) {
    EXPECT_FALSE(side.query());
  }
  end.synchronize();
  EXPECT_TRUE(end.query());
  EXPECT_TRUE(side.query());
  EXPECT_GE(start.elapsed_time(end), 0);
  cuda::Event moved = std::move(end);
  EXPECT_TRUE(moved.query());
  expect_all(x, 4);
}

TEST_F(CudaStreams, MemoryIsReusedAtOnceOnItsStreamAlone) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizer builds give memory back at once";
#endif
  const cuda::Stream side;
  const auto address = [] { return filled(0).raw_data(); };
  const void* const here = address();
  EXPECT_EQ(address(), here);
  const cuda::StreamGuard guard(side);
  const void* const there = address();
  EXPECT_NE(there, here);
  EXPECT_EQ(address(), there);
}

// The block goes back to its own stream while another one still has to read it.
TEST_F(CudaStreams, MemoryThatAnotherStreamReadsIsNotReusedBefore) {
  const cuda::Stream side;
  for (int round = 0; round < kRounds; ++round) {
    Tensor x = filled(5), y;
    side.wait_stream(cuda::current_stream());
    {
      const cuda::StreamGuard guard(side);
      y = x + 1;
    }
    x = Tensor();
    for (int i = 0; i < 3; ++i) (void)filled(7);
    side.synchronize();
    expect_all(y, 6);
  }
}

TEST_F(CudaStreams, RecordStreamIsForPointersHandedOn) {
  const cuda::Stream side;
  for (int round = 0; round < kRounds; ++round) {
    Tensor x = filled(5);
    const auto* const pointer = x.data<float>();
    side.wait_stream(cuda::current_stream());
    Tensor y;
    {
      const cuda::StreamGuard guard(side);
      y = from_blob(const_cast<float*>(pointer), {kSize}, {.dtype = float32, .device = "cuda"}) + 1;
    }
    x.record_stream(side);
    x = Tensor();
    for (int i = 0; i < 3; ++i) (void)filled(7);
    side.synchronize();
    expect_all(y, 6);
  }
  EXPECT_NE(
      error_of([&] { zeros({1}).record_stream(side); }).find("record_stream: the tensor is on"),
      std::string::npos);
}

// Freed memory that waits for another stream is found again when there is no other.
TEST_F(CudaStreams, WaitingMemoryComesBackBeforeMemoryRunsOut) {
  const cuda::Stream side;
  constexpr int64_t kLarge = 30 << 18;  // floats, 30 MiB
  cuda::empty_cache();
  const auto before = cuda::memory_stats();
  cuda::set_memory_limit(before.reserved_bytes + (100 << 20));
  for (int round = 0; round < 6; ++round) {
    Tensor x = zeros({kLarge}, {.device = "cuda"});
    side.wait_stream(cuda::current_stream());
    const cuda::StreamGuard guard(side);
    x.add_(1);
  }
  cuda::set_memory_limit(0);
  cuda::synchronize();
  cuda::empty_cache();
  EXPECT_LE(cuda::memory_stats().allocated_bytes, before.allocated_bytes);
}

TEST_F(CudaStreams, CopiesOnAStreamOfTheirOwn) {
  const cuda::Stream copies;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<float> values(kSize, static_cast<float>(round));
    Tensor x;
    {
      const cuda::StreamGuard guard(copies);
      x = tensor(values, {kSize}).to("cuda");
    }
    cuda::current_stream().wait_stream(copies);
    Tensor y = x * 2;
    x = Tensor();
    {
      const cuda::StreamGuard guard(copies);  // into the same memory, were it free
      (void)tensor(std::vector<float>(kSize, -1), {kSize}).to("cuda");
    }
    expect_all(y, static_cast<float>(2 * round));
  }
}

TEST_F(CudaStreams, ThreadsCopyAtTheSameTime) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      const cuda::StreamGuard guard{cuda::Stream()};
      for (int round = 0; round < kRounds; ++round) {
        const auto value = static_cast<float>(100 * t + round);
        const Tensor x = tensor(std::vector<float>(kSize, value), {kSize}).to("cuda");
        expect_all(x, value);
      }
    });
  for (std::thread& thread : threads) thread.join();
}

class TwoDevices : public CudaStreams {
 protected:
  void SetUp() override {
    if (cuda::device_count() < 2) GTEST_SKIP() << "needs two CUDA devices";
    CudaStreams::SetUp();
  }
};

TEST_F(TwoDevices, ACopyBetweenThemWaitsForBoth) {
  for (int round = 0; round < kRounds; ++round) {
    const Tensor x = filled(round) + 1;
    Tensor y = x.to("cuda:1") * 2;
    expect_all(y.to("cuda:0") + 1, static_cast<float>(2 * (round + 1) + 1));
  }
}

TEST_F(TwoDevices, ACopyWaitsForWhatStillReadsItsMemory) {
  for (int round = 0; round < kRounds; ++round) {
    const Tensor x = filled(3);
    cuda::synchronize();
    Tensor before = full({kSize}, 5.0, {.dtype = float32, .device = "cuda:1"});
    const Tensor y = before + 1;
    before = Tensor();
    const Tensor copy = x.to("cuda:1");  // into the same memory
    cuda::synchronize(1);
    expect_all(y, 6);
    expect_all(copy, 3);
  }
}

TEST_F(TwoDevices, EachHasStreamsOfItsOwn) {
  const cuda::Stream first(0), second(1);
  EXPECT_EQ(second.device(), Device("cuda:1"));
  const cuda::StreamGuard guard(second);
  EXPECT_EQ(cuda::current_stream(1), second);
  EXPECT_EQ(cuda::current_stream(0), cuda::default_stream(0));
  const Tensor x = full({3}, 2, {.device = "cuda:1"});
  EXPECT_NE(error_of([&] { x.record_stream(first); }).find("record_stream"), std::string::npos);
  second.wait_stream(first);
  expect_all(x + 1, 3);
}

}  // namespace
}  // namespace cuttle::test
