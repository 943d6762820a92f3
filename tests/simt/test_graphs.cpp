// Stream capture, graphs and memory pools.
#include <cuttle/kernels/simt/options.h>

#include "support.h"

namespace simt_test {
namespace {

__global__ void add_kernel(const int* in, int* out, int value) {
  out[threadIdx.x] = in[threadIdx.x] + value;
}

__global__ void sum_kernel(const int* a, const int* b, int* out) {
  out[threadIdx.x] = a[threadIdx.x] + b[threadIdx.x];
}

class SimtGraphs : public ::testing::TestWithParam<bool> {
 protected:
  SimtGraphs() : before_(cuttle::simt::options()) {
    cuttle::simt::options().deferred_streams = GetParam();
    EXPECT_CUDA(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
    EXPECT_CUDA(cudaStreamCreateWithFlags(&other_, cudaStreamNonBlocking));
    EXPECT_CUDA(cudaEventCreate(&event_));
  }
  ~SimtGraphs() override {
    EXPECT_CUDA(cudaEventDestroy(event_));
    EXPECT_CUDA(cudaStreamDestroy(other_));
    EXPECT_CUDA(cudaStreamDestroy(stream_));
    cuttle::simt::options() = before_;
    cudaGetLastError();
  }
  void begin() { EXPECT_CUDA(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeGlobal)); }
  cudaError_t end() {
    cudaGraph_t graph = nullptr;
    const cudaError_t error = cudaStreamEndCapture(stream_, &graph);
    EXPECT_CUDA(cudaGraphDestroy(graph));
    return error;
  }

  cuttle::simt::Options before_;
  cudaStream_t stream_ = nullptr, other_ = nullptr;
  cudaEvent_t event_ = nullptr;
};

TEST_P(SimtGraphs, ForkAndJoinReplayed) {
  const DeviceArray<int> in(counting<int>(32)), left(32), right(32), out(32);
  begin();
  EXPECT_CUDA(launch(add_kernel, 1, 32, 0, stream_, in.data(), in.data(), 1));
  EXPECT_CUDA(cudaEventRecord(event_, stream_));
  EXPECT_CUDA(cudaStreamWaitEvent(other_, event_, 0));
  EXPECT_CUDA(launch(add_kernel, 1, 32, 0, stream_, in.data(), left.data(), 10));
  EXPECT_CUDA(launch(add_kernel, 1, 32, 0, other_, in.data(), right.data(), 100));
  EXPECT_CUDA(cudaEventRecord(event_, other_));
  EXPECT_CUDA(cudaStreamWaitEvent(stream_, event_, 0));
  EXPECT_CUDA(launch(sum_kernel, 1, 32, 0, stream_, left.data(), right.data(), out.data()));
  cudaStreamCaptureStatus status;
  EXPECT_CUDA(cudaStreamIsCapturing(other_, &status));
  EXPECT_EQ(status, cudaStreamCaptureStatusActive);
  cudaGraph_t graph = nullptr;
  EXPECT_CUDA(cudaStreamEndCapture(stream_, &graph));
  size_t nodes = 0;
  EXPECT_CUDA(cudaGraphGetNodes(graph, nullptr, &nodes));
  EXPECT_EQ(nodes, 4u);
  EXPECT_EQ(in.host()[0], 0);  // captured, not run

  cudaGraphExec_t executable = nullptr;
  EXPECT_CUDA(cudaGraphInstantiate(&executable, graph, 0));
  EXPECT_CUDA(cudaGraphDestroy(graph));
  for (int i = 0; i < 10; ++i) EXPECT_CUDA(cudaGraphLaunch(executable, stream_));
  EXPECT_CUDA(cudaStreamSynchronize(stream_));
  EXPECT_CUDA(cudaGraphExecDestroy(executable));
  const std::vector<int> got = out.host();
  for (int i = 0; i < 32; ++i) EXPECT_EQ(got[i], 2 * (i + 10) + 110);
}

TEST_P(SimtGraphs, CapturedKernelsKeepTheirArguments) {
  const DeviceArray<int> out(std::vector<int>{0});
  int value = 5;
  begin();
  EXPECT_CUDA(launch(add_kernel, 1, 1, 0, stream_, out.data(), out.data(), value));
  value = 1000;
  cudaGraph_t graph = nullptr;
  EXPECT_CUDA(cudaStreamEndCapture(stream_, &graph));
  cudaGraphExec_t executable = nullptr;
  EXPECT_CUDA(cudaGraphInstantiate(&executable, graph, 0));
  EXPECT_CUDA(cudaGraphLaunch(executable, other_));
  EXPECT_CUDA(cudaGraphLaunch(executable, other_));
  EXPECT_CUDA(cudaStreamSynchronize(other_));
  EXPECT_EQ(out.host()[0], 10);
  EXPECT_CUDA(cudaGraphExecDestroy(executable));
  EXPECT_CUDA(cudaGraphDestroy(graph));
}

TEST_P(SimtGraphs, WaitingForACapturedStreamSpoilsTheCapture) {
  begin();
  EXPECT_EQ(cudaStreamSynchronize(stream_), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
  begin();
  EXPECT_EQ(cudaDeviceSynchronize(), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
  begin();
  EXPECT_CUDA(cudaEventRecord(event_, stream_));
  EXPECT_EQ(cudaEventSynchronize(event_), cudaErrorCapturedEvent);
  EXPECT_EQ(end(), cudaSuccess);
  EXPECT_CUDA(cudaEventRecord(event_, stream_));
  EXPECT_CUDA(cudaEventSynchronize(event_));
}

TEST_P(SimtGraphs, AllocationDuringCaptureIsRefusedUnlessRelaxed) {
  void* memory = nullptr;
  begin();
  EXPECT_EQ(cudaMalloc(&memory, 16), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
  begin();
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  EXPECT_CUDA(cudaThreadExchangeStreamCaptureMode(&mode));
  EXPECT_EQ(cudaMalloc(&memory, 16), cudaSuccess);
  EXPECT_CUDA(cudaThreadExchangeStreamCaptureMode(&mode));
  EXPECT_EQ(end(), cudaSuccess);
  EXPECT_CUDA(cudaFree(memory));
}

TEST_P(SimtGraphs, StreamsMustJoin) {
  const DeviceArray<int> a(counting<int>(1)), b(1);
  begin();
  EXPECT_CUDA(cudaEventRecord(event_, stream_));
  EXPECT_CUDA(cudaStreamWaitEvent(other_, event_, 0));
  EXPECT_CUDA(launch(add_kernel, 1, 1, 0, other_, a.data(), b.data(), 1));
  EXPECT_EQ(end(), cudaErrorStreamCaptureUnjoined);
  cudaStreamCaptureStatus status;
  EXPECT_CUDA(cudaStreamIsCapturing(other_, &status));
  EXPECT_EQ(status, cudaStreamCaptureStatusNone);
}

TEST_P(SimtGraphs, WorkFromOutsideCannotBeWaitedFor) {
  EXPECT_CUDA(cudaEventRecord(event_, other_));
  begin();
  EXPECT_EQ(cudaStreamWaitEvent(stream_, event_, 0), cudaErrorStreamCaptureIsolation);
  EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
}

TEST_P(SimtGraphs, DefaultStreamAndBlockingStreams) {
  cudaStream_t blocking = nullptr;
  EXPECT_CUDA(cudaStreamCreate(&blocking));
  EXPECT_EQ(cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeGlobal),
            cudaErrorStreamCaptureUnsupported);
  EXPECT_CUDA(cudaStreamBeginCapture(blocking, cudaStreamCaptureModeRelaxed));
  EXPECT_EQ(launch(add_kernel, 1, 1, 0, nullptr, nullptr, nullptr, 1),
            cudaErrorStreamCaptureImplicit);
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(blocking, &graph), cudaErrorStreamCaptureInvalidated);
  EXPECT_CUDA(cudaStreamDestroy(blocking));
}

TEST_P(SimtGraphs, MemoryInStreamOrder) {
  cudaMemPool_t pool = nullptr;
  EXPECT_CUDA(cudaDeviceGetDefaultMemPool(&pool, 0));
  const auto used = [&] {
    uint64_t bytes = 0;
    EXPECT_CUDA(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &bytes));
    return bytes;
  };
  const uint64_t before = used();
  int* memory = nullptr;
  const DeviceArray<int> in(counting<int>(32)), out(32);
  EXPECT_CUDA(cudaMallocAsync(&memory, 32 * sizeof(int), stream_));
  EXPECT_CUDA(launch(add_kernel, 1, 32, 0, stream_, in.data(), memory, 3));
  EXPECT_CUDA(launch(add_kernel, 1, 32, 0, stream_, memory, out.data(), 4));
  EXPECT_EQ(used(), before + 128);
  EXPECT_CUDA(cudaFreeAsync(memory, stream_));
  EXPECT_CUDA(cudaStreamSynchronize(stream_));
  EXPECT_EQ(used(), before);
  EXPECT_EQ(out.host()[31], 38);
}

INSTANTIATE_TEST_SUITE_P(Streams, SimtGraphs, ::testing::Bool(),
                         [](const auto& mode) { return mode.param ? "Deferred" : "Eager"; });

}  // namespace
}  // namespace simt_test
