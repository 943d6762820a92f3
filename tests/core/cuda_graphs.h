// The fixture of the tests of CUDA graphs: a stream to capture, and work that waits until it is
// asked for.
#pragma once

#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/cuda_graph.h>
#include <cuttle/core/cuda_stream.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "support/devices.h"

namespace cuttle::test {

class CudaGraphs : public ::testing::Test {
 protected:
  static constexpr int64_t kSize = 1025;

  void SetUp() override {
    if (!cuda::is_available()) GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
    deferred_.emplace();
    stream_.emplace();
  }
  static Tensor filled(double value, int64_t size = kSize) {
    return full({size}, Scalar(value), {.dtype = float32, .device = "cuda"});
  }
  static void expect_all(const Tensor& x, float value) {
    EXPECT_EQ(x.to_vector<float>(), std::vector<float>(static_cast<size_t>(x.numel()), value));
  }
  /// Runs f() once as warm-up, then captures it.
  template <class F>
  void capture(cuda::CUDAGraph& graph, const F& f) {
    stream_->wait_stream(cuda::current_stream());
    const cuda::StreamGuard guard(*stream_);
    f();
    cuda::synchronize();
    cuda::CaptureGuard capturing(graph);
    f();
    capturing.end();
  }
  std::optional<DeferredStreams> deferred_;
  std::optional<cuda::Stream> stream_;
};

}  // namespace cuttle::test
