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

TEST_P(SimtGraphs, AGraphMayBePartOfAnother) {
  const DeviceArray<int> out(std::vector<int>{0});
  cudaGraph_t inner = nullptr, outer = nullptr;
  cudaGraphExec_t inner_run = nullptr, outer_run = nullptr;
  begin();
  EXPECT_CUDA(launch(add_kernel, 1, 1, 0, stream_, out.data(), out.data(), 1));
  EXPECT_CUDA(cudaStreamEndCapture(stream_, &inner));
  EXPECT_CUDA(cudaGraphInstantiate(&inner_run, inner, 0));
  begin();
  for (int i = 0; i < 3; ++i) EXPECT_CUDA(cudaGraphLaunch(inner_run, stream_));
  EXPECT_CUDA(launch(add_kernel, 1, 1, 0, stream_, out.data(), out.data(), 10));
  EXPECT_CUDA(cudaStreamEndCapture(stream_, &outer));
  EXPECT_CUDA(cudaGraphInstantiate(&outer_run, outer, 0));
  EXPECT_CUDA(cudaGraphLaunch(outer_run, stream_));
  EXPECT_CUDA(cudaStreamSynchronize(stream_));
  EXPECT_EQ(out.host()[0], 13);
  for (cudaGraphExec_t run : {inner_run, outer_run}) EXPECT_CUDA(cudaGraphExecDestroy(run));
  for (cudaGraph_t graph : {inner, outer}) EXPECT_CUDA(cudaGraphDestroy(graph));
}

TEST_P(SimtGraphs, TheStreamOfTheThreadCanBeCaptured) {
  const DeviceArray<int> out(std::vector<int>{0});
  cudaGraph_t graph = nullptr;
  EXPECT_CUDA(cudaStreamBeginCapture(cudaStreamPerThread, cudaStreamCaptureModeThreadLocal));
  EXPECT_CUDA(launch(add_kernel, 1, 1, 0, cudaStreamPerThread, out.data(), out.data(), 1));
  EXPECT_CUDA(cudaStreamEndCapture(cudaStreamPerThread, &graph));
  size_t nodes = 0;
  EXPECT_CUDA(cudaGraphGetNodes(graph, nullptr, &nodes));
  EXPECT_EQ(nodes, 1u);
  EXPECT_CUDA(cudaGraphDestroy(graph));
}

TEST_P(SimtGraphs, AskingForAnEventSpoilsTheCapture) {
  EXPECT_CUDA(cudaEventRecord(event_, other_));
  EXPECT_CUDA(cudaStreamSynchronize(other_));
  begin();
  EXPECT_EQ(cudaEventQuery(event_), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
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
  EXPECT_EQ(cudaMallocHost(&memory, 16), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(memory, nullptr);
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

// As many paths through the graph as two to the hundredth: none may be followed one by one.
TEST_P(SimtGraphs, AHundredForksAndJoins) {
  const DeviceArray<int> a(counting<int>(1)), b(1), c(1);
  cudaStream_t forgotten = nullptr;
  EXPECT_CUDA(cudaStreamCreateWithFlags(&forgotten, cudaStreamNonBlocking));
  for (const bool joins : {true, false}) {
    begin();
    EXPECT_CUDA(cudaEventRecord(event_, stream_));
    EXPECT_CUDA(cudaStreamWaitEvent(forgotten, event_, 0));
    EXPECT_CUDA(launch(add_kernel, 1, 1, 0, forgotten, a.data(), c.data(), 1));
    if (joins) {
      EXPECT_CUDA(cudaEventRecord(event_, forgotten));
      EXPECT_CUDA(cudaStreamWaitEvent(stream_, event_, 0));
    }
    for (int i = 0; i < 100; ++i) {
      EXPECT_CUDA(cudaEventRecord(event_, stream_));
      EXPECT_CUDA(cudaStreamWaitEvent(other_, event_, 0));
      EXPECT_CUDA(launch(add_kernel, 1, 1, 0, stream_, a.data(), a.data(), 1));
      EXPECT_CUDA(launch(add_kernel, 1, 1, 0, other_, b.data(), b.data(), 1));
      EXPECT_CUDA(cudaEventRecord(event_, other_));
      EXPECT_CUDA(cudaStreamWaitEvent(stream_, event_, 0));
    }
    EXPECT_EQ(end(), joins ? cudaSuccess : cudaErrorStreamCaptureUnjoined);
  }
  EXPECT_CUDA(cudaStreamDestroy(forgotten));
}

TEST_P(SimtGraphs, WorkFromOutsideCannotBeWaitedFor) {
  EXPECT_CUDA(cudaEventRecord(event_, other_));
  begin();
  EXPECT_EQ(cudaStreamWaitEvent(stream_, event_, 0), cudaErrorStreamCaptureIsolation);
  EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
}

TEST_P(SimtGraphs, EventsOfAFinishedCaptureCannotBeWaitedFor) {
  begin();
  EXPECT_CUDA(cudaEventRecord(event_, stream_));
  EXPECT_EQ(end(), cudaSuccess);
  EXPECT_EQ(cudaStreamWaitEvent(other_, event_, 0), cudaErrorCapturedEvent);
  cudaStreamCaptureStatus status;
  EXPECT_CUDA(cudaStreamIsCapturing(other_, &status));
  EXPECT_EQ(status, cudaStreamCaptureStatusNone);
  begin();
  EXPECT_EQ(cudaStreamWaitEvent(stream_, event_, 0), cudaErrorCapturedEvent);
  EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
}

TEST_P(SimtGraphs, DefaultStreamCannotJoinACapture) {
  begin();
  EXPECT_CUDA(cudaEventRecord(event_, stream_));
  EXPECT_EQ(cudaStreamWaitEvent(nullptr, event_, 0), cudaErrorStreamCaptureImplicit);
  cudaStreamCaptureStatus status;
  EXPECT_CUDA(cudaStreamIsCapturing(nullptr, &status));
  EXPECT_EQ(status, cudaStreamCaptureStatusNone);
  EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
}

TEST_P(SimtGraphs, NoModeAllowsToWaitForTheDevice) {
  EXPECT_CUDA(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeRelaxed));
  EXPECT_EQ(cudaDeviceSynchronize(), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
  EXPECT_CUDA(cudaDeviceSynchronize());
}

TEST_P(SimtGraphs, ASpoiledCaptureTakesNoMoreWork) {
  const DeviceArray<int> a(1), b(1);
  begin();
  EXPECT_CUDA(cudaEventRecord(event_, stream_));
  EXPECT_EQ(cudaStreamSynchronize(stream_), cudaErrorStreamCaptureUnsupported);
  constexpr cudaError_t kRefused = cudaErrorStreamCaptureInvalidated;
  EXPECT_EQ(launch(add_kernel, 1, 1, 0, stream_, a.data(), b.data(), 1), kRefused);
  EXPECT_EQ(cudaMemcpyAsync(a.data(), b.data(), 4, cudaMemcpyDefault, stream_), kRefused);
  EXPECT_EQ(cudaMemsetAsync(a.data(), 0, 4, stream_), kRefused);
  EXPECT_EQ(cudaEventRecord(event_, stream_), kRefused);
  EXPECT_EQ(cudaStreamWaitEvent(other_, event_, 0), kRefused);
  EXPECT_EQ(end(), kRefused);
}

TEST_P(SimtGraphs, DefaultStreamTakesNoWorkWhileABlockingStreamIsCaptured) {
  cudaStream_t blocking = nullptr;
  void *memory = nullptr, *more = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  begin();
  EXPECT_CUDA(cudaStreamEndCapture(stream_, &graph));
  EXPECT_CUDA(cudaGraphInstantiate(&executable, graph, 0));
  EXPECT_CUDA(cudaGraphDestroy(graph));
  EXPECT_CUDA(cudaMallocAsync(&memory, 16, nullptr));
  EXPECT_CUDA(cudaStreamCreate(&blocking));
  const auto refused = [&](const auto& call) {
    EXPECT_CUDA(cudaStreamBeginCapture(blocking, cudaStreamCaptureModeRelaxed));
    EXPECT_EQ(call(), cudaErrorStreamCaptureImplicit);
    EXPECT_EQ(cudaStreamEndCapture(blocking, &graph), cudaErrorStreamCaptureInvalidated);
  };
  refused([&] { return cudaEventRecord(event_, nullptr); });
  refused([&] { return cudaStreamWaitEvent(nullptr, event_, 0); });
  refused([&] {
    return cudaLaunchHostFunc(
        nullptr, [](void*) {}, nullptr);
  });
  refused([&] { return cudaGraphLaunch(executable, nullptr); });
  refused([&] { return cudaMallocAsync(&more, 16, nullptr); });
  refused([&] { return cudaFreeAsync(memory, nullptr); });
  refused([&] { return cudaMemsetAsync(memory, 0, 16, nullptr); });
  EXPECT_CUDA(cudaFreeAsync(memory, nullptr));
  EXPECT_CUDA(cudaDeviceSynchronize());
  EXPECT_CUDA(cudaStreamDestroy(blocking));
  EXPECT_CUDA(cudaGraphExecDestroy(executable));
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

TEST_P(SimtGraphs, QueuedFreesMakeRoom) {
  size_t left = 0, total = 0;
  EXPECT_CUDA(cudaDeviceSynchronize());
  EXPECT_CUDA(cudaMemGetInfo(&left, &total));
  cuttle::simt::options().memory = total - left + (1 << 20);
  void* memory = nullptr;
  for (int i = 0; i < 2; ++i) {
    EXPECT_CUDA(cudaMallocAsync(&memory, 700 << 10, stream_));
    EXPECT_CUDA(cudaFreeAsync(memory, stream_));
  }
  EXPECT_CUDA(cudaMalloc(&memory, 700 << 10));
  EXPECT_CUDA(cudaFree(memory));
}

TEST_P(SimtGraphs, DefaultPoolCannotBeDestroyed) {
  cudaMemPool_t pool = nullptr;
  EXPECT_CUDA(cudaDeviceGetDefaultMemPool(&pool, 0));
  EXPECT_EQ(cudaMemPoolDestroy(pool), cudaErrorInvalidValue);
}

TEST_P(SimtGraphs, PoolsForgetWhatCudaFreeTakes) {
  cudaMemPoolProps properties = {};
  properties.location.id = 0;
  cudaMemPool_t pool = nullptr;
  EXPECT_CUDA(cudaMemPoolCreate(&pool, &properties));
  void* memory = nullptr;
  EXPECT_CUDA(cudaMallocFromPoolAsync(&memory, 64, pool, stream_));
  EXPECT_CUDA(cudaFree(memory));
  uint64_t used = 1;
  EXPECT_CUDA(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &used));
  EXPECT_EQ(used, 0u);
  EXPECT_EQ(cudaFreeAsync(memory, stream_), cudaErrorInvalidValue);
  EXPECT_CUDA(cudaMallocFromPoolAsync(&memory, 64, pool, stream_));
  EXPECT_CUDA(cudaFreeAsync(memory, stream_));
  EXPECT_CUDA(cudaMemPoolDestroy(pool));
}

INSTANTIATE_TEST_SUITE_P(Streams, SimtGraphs, ::testing::Bool(),
                         [](const auto& mode) { return mode.param ? "Deferred" : "Eager"; });

}  // namespace
}  // namespace simt_test
