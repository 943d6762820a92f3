// What a capture refuses, in which words, and what is left when it ends early.
#include <cuttle/core/ops/arithmetic.h>

#include <sstream>

#include "cuda_graphs.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

TEST(CudaGraphsWithoutADevice, SayWhy) {
  EXPECT_FALSE(cuda::is_capturing());
  EXPECT_NE(error_of([] { cuda::before_replay([] {}); }).find("before_replay: this "),
            std::string::npos);
  if (cuda::is_available()) GTEST_SKIP() << "there is a CUDA device";
  EXPECT_NE(error_of([] { cuda::CUDAGraph(); }).find(cuda::why_unavailable()), std::string::npos);
}

class CudaCaptures : public CudaGraphs {
 protected:
  /// The sentence with which the call is refused during a capture; afterwards the capture goes on,
  /// ends, and is replayed.
  template <class F>
  std::string refused(const F& call) {
    std::string sentence;
    cuda::CUDAGraph graph;
    Tensor x = filled(1);
    cuda::synchronize();
    {
      const cuda::StreamGuard guard(*stream_);
      cuda::CaptureGuard capturing(graph);
      sentence = error_of(call);
      x.add_(1);
      capturing.end();
    }
    graph.replay();
    graph.replay();
    expect_all(x, 3);
    return sentence;
  }

  /// What is said to a sum of many numbers as the first thing that a stream does; empty if nothing.
  std::string refusal_of_sum(const Tensor& x) {
    cuda::synchronize();
    cuda::CUDAGraph graph;
    const cuda::StreamGuard guard(*stream_);
    cuda::CaptureGuard capturing(graph);
    try {
      (void)x.sum();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(CudaCaptures, AForgottenJoinIsAnError) {
  cuda::CUDAGraph graph;
  const cuda::Stream side;
  const Tensor x = filled(1);
  const auto forgetful = [&] {
    capture(graph, [&] {
      side.wait_stream(cuda::current_stream());
      const cuda::StreamGuard guard(side);
      (void)(x * 2);
    });
  };
  EXPECT_NE(error_of(forgetful).find("a stream that joined it and was not waited for"),
            std::string::npos);
  EXPECT_FALSE(graph.is_captured());
  EXPECT_FALSE(cuda::is_capturing());
  expect_all(x + 1, 2);
}

TEST_F(CudaCaptures, WhatCannotBeCapturedIsNamed) {
  const Tensor x = filled(2), one = filled(1, 1);
  const auto starts = [&](const auto& call, const std::string& name) {
    const std::string sentence = refused(call), start = name + " cannot be captured into a CUDA ";
    EXPECT_EQ(sentence.substr(0, start.size()), start) << sentence;
  };
  starts([&] { (void)one.item(); }, "item");
  starts([&] { (void)x.to_vector<float>(); }, "to_vector");
  starts([&] { (void)x.cpu(); }, "a copy from a CUDA device to the host");
  starts([&] { (void)x.str(); }, "printing a tensor");
  starts([&] { std::ostringstream() << x; }, "printing a tensor");
  starts([&] { cuda::synchronize(); }, "cuda::synchronize");
  starts([&] { cuda::current_stream().synchronize(); }, "Stream::synchronize");
  starts([&] { (void)cuda::current_stream().query(); }, "Stream::query");
  starts([&] { cuda::current_stream().record_event().synchronize(); }, "Event::synchronize");
  starts([&] { (void)ones({3}).to("cuda"); }, "a copy from the host to a CUDA device");
  starts([&] { (void)rand({3}, {.device = "cuda"}, Generator(1)); },
         "a copy from the host to a CUDA device");
  starts([&] { cuda::empty_cache(); }, "cuda::synchronize");
}

TEST_F(CudaCaptures, MoreScratchMemoryThanTheWarmUpTookIsNamed) {
  const Tensor x = filled(1, 70001);
  stream_.reset();
  std::vector<cuda::Stream> streams;  // until one comes that never had scratch memory
  do {
    streams.emplace_back();
    stream_ = streams.back();
  } while (streams.size() < 64 && refusal_of_sum(x).empty());
  EXPECT_NE(refusal_of_sum(x).find("bytes more of scratch memory cannot be captured"),
            std::string::npos);
  cuda::CUDAGraph graph;
  Tensor sum;
  capture(graph, [&] { sum = x.sum(); });
  graph.replay();
  EXPECT_EQ(sum.item(), 70001);
}

TEST_F(CudaCaptures, CapturesInTheWrongPlaceAreRefused) {
  cuda::CUDAGraph graph, other;
  EXPECT_NE(error_of([&] { graph.capture_begin(); }).find("shared by all threads"),
            std::string::npos);
  EXPECT_NE(error_of([&] { graph.capture_end(); }).find("does not capture this graph"),
            std::string::npos);
  EXPECT_NE(error_of([&] { graph.replay(); }).find("nothing was captured"), std::string::npos);
  Tensor x = filled(1);
  capture(graph, [&] { x.add_(1); });
  EXPECT_NE(error_of([&] { capture(graph, [] {}); }).find("holds a capture"), std::string::npos);
  EXPECT_NE(refused([&] { other.capture_begin(); }).find("captures a CUDA graph already"),
            std::string::npos);
  EXPECT_NE(refused([&] { graph.replay(); }).find("CUDAGraph::replay cannot be captured"),
            std::string::npos);
  EXPECT_NE(refused([&] {
              const cuda::StreamGuard guard(cuda::default_stream());
              (void)filled(1);
            }).find("its current stream of cuda:0 is no part of it"),
            std::string::npos);
  const cuda::Event outside = cuda::default_stream().record_event();
  EXPECT_NE(refused([&] { outside.wait(); }).find("an event from outside of the capture"),
            std::string::npos);
}

TEST_F(CudaCaptures, AnExceptionEndsTheCapture) {
  cuda::CUDAGraph graph;
  Tensor x = filled(1);
  cuda::synchronize();
  const auto fails = [&] {
    const cuda::StreamGuard guard(*stream_);
    cuda::CaptureGuard capturing(graph);
    const Tensor y = x + 1;
    (void)y.sum().item();
  };
  EXPECT_EQ(error_of(fails).substr(0, 5), "item ");
  EXPECT_FALSE(cuda::is_capturing());
  EXPECT_FALSE(graph.is_captured());
  capture(graph, [&] { x.add_(1); });
  graph.replay();
  expect_all(x, 3);
}

TEST_F(CudaCaptures, AGraphThatIsDestroyedEndsItsCapture) {
  Tensor x = filled(1);
  cuda::synchronize();
  {
    const cuda::StreamGuard guard(*stream_);
    cuda::CUDAGraph graph;
    graph.capture_begin();
    x.add_(1);
  }
  EXPECT_FALSE(cuda::is_capturing());
  expect_all(x, 1);
}

}  // namespace
}  // namespace cuttle::test
