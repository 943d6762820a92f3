// CUDA graphs: what a replay computes, and whose memory it uses. cuda_capture_test.cpp has what a
// capture refuses.
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>

#include <thread>

#include "cuda_graphs.h"
#include "samples.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

TEST_F(CudaGraphs, ReplayWhatWasCaptured) {
  cuda::CUDAGraph graph;
  Tensor x = filled(0), y;
  capture(graph, [&] { y = (x * 2 + 1).relu(); });
  for (int i = 0; i < 5; ++i) {
    x.fill_(i);
    graph.replay();
    expect_all(y, static_cast<float>(2 * i + 1));
  }
}

TEST_F(CudaGraphs, OrdinaryMemoryIsNotThatOfAnEarlierTemporary) {
  cuda::CUDAGraph graph;
  Tensor x = filled(1), y, kept;
  capture(graph, [&] {
    y = x * 2 + 1;  // each replay writes 2 to what is free memory afterwards
    const cuda::OrdinaryMemoryGuard guard;
    kept = empty({kSize}, {.dtype = float32, .device = "cuda"});
  });
  kept.fill_(7);
  graph.replay();
  expect_all(kept, 7);
  expect_all(y, 3);
}

TEST_F(CudaGraphs, CaptureRunsNothing) {
  cuda::CUDAGraph graph;
  Tensor x = filled(1);
  std::string runs;
  EXPECT_FALSE(graph.is_captured());
  capture(graph, [&] {
    x.add_(1);
    runs += cuda::is_capturing() ? "captured " : "run ";
  });
  EXPECT_EQ(runs, "run captured ");
  EXPECT_TRUE(graph.is_captured());
  EXPECT_FALSE(cuda::is_capturing());
  expect_all(x, 2);  // the warm-up's
  graph.replay();
  expect_all(x, 3);
}

TEST_F(CudaGraphs, ResultsKeepTheirMemory) {
  cuda::CUDAGraph graph;
  const Tensor x = filled(2);
  Tensor y;
  capture(graph, [&] { y = (x + 1) * (x + 2); });  // with memory freed and reused on the way
  const cuda::StreamGuard guard(*stream_);
  for (int i = 0; i < 3; ++i) {
    graph.replay();
    std::vector<Tensor> others;  // none of which may lie in the graph's memory
    for (int k = 0; k < 8; ++k) others.push_back(filled(-1));
    expect_all(y, 12);
    graph.replay();
    for (const Tensor& other : others) expect_all(other, -1);
  }
}

TEST_F(CudaGraphs, MemoryFreedDuringCaptureIsReusedInIt) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizer builds keep each block of a graph apart";
#endif
  const Tensor x = filled(1, 1 << 20);
  Tensor y;
  const auto work = [&] {
    y = x + 1;
    for (int i = 0; i < 16; ++i) y = y + 1;  // 4 MiB each
  };
  cuda::CUDAGraph graph;
  capture(graph, work);
  const size_t before = cuda::memory_stats().reserved_bytes;
  cuda::CUDAGraph another;
  capture(another, work);
  EXPECT_LE(cuda::memory_stats().reserved_bytes, before + (20 << 20));
  another.replay();
  expect_all(y, 18);
}

TEST_F(CudaGraphs, WhatTheyReadStaysAlive) {
  cuda::CUDAGraph graph;
  Tensor x = filled(3), y;
  capture(graph, [&] { y = x * 2; });
  x = Tensor();
  for (int i = 0; i < 4; ++i) (void)filled(9);
  graph.replay();
  expect_all(y, 6);
}

TEST_F(CudaGraphs, MemoryComesBackWithTheGraph) {
  const cuda::Stream reader;
  const auto run = [&] {
    cuda::CUDAGraph graph;
    Tensor x = filled(3, 1 << 20), y;
    capture(graph, [&] { y = (x * 2 + 1) * (x + 1); });
    graph.replay();
    graph.reset();
    EXPECT_FALSE(graph.is_captured());
    for (int i = 0; i < 3; ++i) (void)filled(-1, 1 << 20);
    expect_all(y, 28);  // a tensor as any other
  };
  run();
  run();
  cuda::synchronize();
  cuda::empty_cache();
  const size_t before = cuda::memory_stats().reserved_bytes;
  for (int i = 0; i < 3; ++i) run();
  cuda::synchronize();
  cuda::empty_cache();
  EXPECT_EQ(cuda::memory_stats().reserved_bytes, before);
}

// Neither what the graph read nor its pool, when all that held them is gone.
TEST_F(CudaGraphs, MemoryIsNotReusedBeforeTheLastReplayIsDone) {
  const cuda::Stream other;
  for (int round = 0; round < 20; ++round) {
    Tensor x, out = filled(0);
    if (round % 2 == 0) {
      const cuda::StreamGuard guard(*stream_);
      x = filled(3);
    } else {
      x = filled(3);
    }
    cuda::CUDAGraph graph;
    capture(graph, [&] { out.copy_((x + 1) * (x + 2)); });
    cuda::empty_cache();  // so that the next memory of the captured stream is the graph's, or x's
    {
      const cuda::StreamGuard guard(other);
      graph.replay();
    }
    graph.reset();
    x = Tensor();
    std::vector<Tensor> others;
    {
      const cuda::StreamGuard guard(*stream_);
      for (int i = 0; i < 8; ++i) others.push_back(filled(-1));
      stream_->synchronize();
    }
    other.synchronize();
    expect_all(out, 20);
    for (const Tensor& fresh : others) expect_all(fresh, -1);
  }
}

TEST_F(CudaGraphs, FunctionsRunBeforeEachReplay) {
  cuda::CUDAGraph graph;
  Tensor x = filled(0);
  double rate = 0;
  std::string order;
  capture(graph, [&] {
    if (!cuda::is_capturing()) return;
    Tensor on_device = empty({}, {.device = "cuda"});
    cuda::before_replay([&, on_device]() mutable {
      order += 'a';
      on_device.copy_(full({}, rate, {.dtype = float32}));
    });
    cuda::before_replay([&] { order += 'b'; });
    x.add_(on_device);
  });
  EXPECT_EQ(order, "");
  float sum = 0;
  for (const float next : {0.5F, 2.0F, 8.0F}) {
    rate = next;
    sum += next;
    graph.replay();
  }
  expect_all(x, sum);
  EXPECT_EQ(order, "ababab");
}

Tensor step(const Tensor& x, Tensor& w) {
  const Tensor loss = linear(x, w).relu().sum();
  w.set_grad({});
  loss.backward();
  const NoGradGuard no_grad;
  w.add_(w.grad(), -0.01);
  return loss.detach();
}

TEST_F(CudaGraphs, AHundredReplaysAreAHundredSteps) {
  const auto train = [&](bool replayed) {
    Tensor x = sample({8, 33}, Device("cuda"), float32, -1, 1, 3);
    Tensor w = sample({17, 33}, Device("cuda"), float32, -1, 1, 4).requires_grad_();
    std::vector<float> losses;
    Tensor loss;
    cuda::CUDAGraph graph;
    if (replayed) capture(graph, [&] { loss = step(x, w); });
    const void* const gradient = replayed ? w.grad().raw_data() : nullptr;
    if (!replayed) (void)step(x, w);
    for (int i = 0; i < 100; ++i) {
      x.mul_(1.01);
      replayed ? graph.replay() : void(loss = step(x, w));
      losses.push_back(loss.item<float>());
    }
    if (replayed) {
      EXPECT_EQ(w.grad().raw_data(), gradient);
    }
    const std::vector<float> weights = w.to_vector<float>(),
                             gradients = w.grad().to_vector<float>();
    losses.insert(losses.end(), weights.begin(), weights.end());
    losses.insert(losses.end(), gradients.begin(), gradients.end());
    return losses;
  };
  EXPECT_EQ(train(true), train(false));
}

// Captured on one stream, replayed on others, while the first goes on: they share scratch memory.
TEST_F(CudaGraphs, ReplaysOnAnyStreamAreOrdered) {
  constexpr int64_t kMany = 70001;  // a sum in two passes
  const cuda::Stream other;
  const Tensor x = filled(1, kMany), y = filled(2, kMany);
  Tensor sum, sum_here;
  cuda::CUDAGraph graph;
  capture(graph, [&] { sum = x.sum(); });
  const auto replay_on = [&](const cuda::Stream& stream) {
    const cuda::StreamGuard guard(stream);
    graph.replay();
  };
  for (int i = 0; i < 20; ++i) {
    const cuda::Stream& user = i % 4 < 2 ? other : *stream_;
    if (i % 2 == 0) replay_on(user);
    {
      const cuda::StreamGuard guard(*stream_);
      sum_here = y.sum();
    }
    if (i % 2 == 1) replay_on(user);
    cuda::synchronize();
    EXPECT_EQ(sum.item(), kMany);
    EXPECT_EQ(sum_here.item(), 2 * kMany);
    sum.zero_();
    cuda::synchronize();
  }
}

TEST_F(CudaGraphs, ForkAndJoin) {
  cuda::CUDAGraph graph;
  const cuda::Stream side;
  Tensor x = filled(1), a, b, c;
  capture(graph, [&] {
    side.wait_stream(cuda::current_stream());
    {
      const cuda::StreamGuard guard(side);
      a = x * 2;
    }
    b = x * 3;
    cuda::current_stream().wait_stream(side);
    c = a + b;
  });
  for (int i = 0; i < 5; ++i) {
    x.fill_(i);
    graph.replay();
    expect_all(c, static_cast<float>(5 * i));
  }
}

TEST_F(CudaGraphs, OtherThreadsWorkMeanwhile) {
  cuda::CUDAGraph graph;
  Tensor x = filled(1), shared = filled(5);
  capture(graph, [&] {
    x.add_(1);
    if (!cuda::is_capturing()) return;
    std::thread([&] {
      EXPECT_FALSE(cuda::is_capturing());
      Tensor y = tensor(std::vector<float>(kSize, 3), {kSize}).to("cuda") + shared;
      expect_all(y, 8);
      cuda::synchronize();
      cuda::empty_cache();
    }).join();
    x.mul_(2);
  });
  graph.replay();
  expect_all(x, 6);
}

}  // namespace
}  // namespace cuttle::test
