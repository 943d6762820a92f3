// Streams, events and copies, eager and deferred: what CUDA orders is ordered, what it does not
// order may come in any order.
#include <cuttle/kernels/simt/options.h>

#include <cstring>

#include "support.h"

namespace simt_test {
namespace {

__global__ void add_kernel(const int* in, int* out, int value) {
  out[threadIdx.x] = in[threadIdx.x] + value;
}

/// Deferred streams with a seed, for the time of a test.
class Deferred {
 public:
  Deferred() : before_(cuttle::simt::options()) { cuttle::simt::options().deferred_streams = true; }
  ~Deferred() {
    cudaDeviceSynchronize();
    cuttle::simt::options() = before_;
  }

 private:
  cuttle::simt::Options before_;
};

class Stream {
 public:
  explicit Stream(unsigned flags = cudaStreamDefault) {
    EXPECT_CUDA(cudaStreamCreateWithFlags(&stream_, flags));
  }
  ~Stream() { EXPECT_CUDA(cudaStreamDestroy(stream_)); }
  operator cudaStream_t() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

TEST(SimtStreams, DeferredWorkRunsWhenSomethingWaits) {
  const Deferred deferred;
  int* mapped = nullptr;
  EXPECT_CUDA(cudaHostAlloc(&mapped, sizeof(int), cudaHostAllocMapped));
  *mapped = 1;
  {
    const Stream stream;
    EXPECT_CUDA(launch(add_kernel, 1, 1, 0, stream, mapped, mapped, 5));
    EXPECT_EQ(*mapped, 1);
    EXPECT_CUDA(cudaStreamSynchronize(stream));
    EXPECT_EQ(*mapped, 6);
  }
  EXPECT_CUDA(cudaFreeHost(mapped));
}

TEST(SimtStreams, EventsOrderTwoStreams) {
  const Deferred deferred;
  const DeviceArray<int> a(counting<int>(32)), b(32), c(32);
  for (int round = 0; round < 20; ++round) {
    const Stream first(cudaStreamNonBlocking), second(cudaStreamNonBlocking);
    cudaEvent_t event = nullptr;
    EXPECT_CUDA(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    EXPECT_CUDA(launch(add_kernel, 1, 32, 0, first, a.data(), b.data(), round));
    EXPECT_CUDA(cudaEventRecord(event, first));
    EXPECT_CUDA(cudaStreamWaitEvent(second, event, 0));
    EXPECT_CUDA(launch(add_kernel, 1, 32, 0, second, b.data(), c.data(), 100));
    EXPECT_CUDA(cudaEventDestroy(event));
    EXPECT_CUDA(cudaStreamSynchronize(second));
    EXPECT_EQ(c.host()[3], 103 + round);
  }
}

TEST(SimtStreams, WaitingForAnEventIsWorkOfTheStream) {
  const Deferred deferred;
  int* mapped = nullptr;
  EXPECT_CUDA(cudaHostAlloc(&mapped, sizeof(int), cudaHostAllocMapped));
  *mapped = 1;
  cudaEvent_t event = nullptr;
  EXPECT_CUDA(cudaEventCreate(&event));
  {
    const Stream first(cudaStreamNonBlocking), second(cudaStreamNonBlocking);
    EXPECT_CUDA(launch(add_kernel, 1, 1, 0, first, mapped, mapped, 5));
    EXPECT_CUDA(cudaEventRecord(event, first));
    EXPECT_CUDA(cudaStreamWaitEvent(second, event, 0));
    EXPECT_EQ(cudaStreamQuery(second), cudaErrorNotReady);
    EXPECT_CUDA(cudaStreamSynchronize(second));
    EXPECT_EQ(*mapped, 6);
  }
  EXPECT_CUDA(cudaEventDestroy(event));
  EXPECT_CUDA(cudaFreeHost(mapped));
}

TEST(SimtStreams, BlockingStreamsWaitForTheEventsOfTheDefaultStream) {
  const Deferred deferred;
  cudaEvent_t event = nullptr;
  EXPECT_CUDA(cudaEventCreate(&event));
  for (int round = 0; round < 20; ++round) {
    const DeviceArray<int> a(counting<int>(1)), b(std::vector<int>{-1000}), c(1);
    const Stream first(cudaStreamNonBlocking), second;
    EXPECT_CUDA(launch(add_kernel, 1, 1, 0, first, a.data(), b.data(), 5));
    EXPECT_CUDA(cudaEventRecord(event, first));
    EXPECT_CUDA(cudaStreamWaitEvent(nullptr, event, 0));
    EXPECT_CUDA(launch(add_kernel, 1, 1, 0, second, b.data(), c.data(), 10));
    EXPECT_CUDA(cudaStreamSynchronize(second));
    EXPECT_EQ(c.host()[0], 15);
  }
  EXPECT_CUDA(cudaEventDestroy(event));
}

TEST(SimtStreams, WithoutAnEventTheOrderIsRandom) {
  const Deferred deferred;
  int late = 0;
  for (int round = 0; round < 40; ++round) {
    const DeviceArray<int> a(counting<int>(1)), b(std::vector<int>{-1000}), c(1);
    const Stream first(cudaStreamNonBlocking), second(cudaStreamNonBlocking);
    EXPECT_CUDA(launch(add_kernel, 1, 1, 0, first, a.data(), b.data(), 5));
    EXPECT_CUDA(launch(add_kernel, 1, 1, 0, second, b.data(), c.data(), 0));
    EXPECT_CUDA(cudaDeviceSynchronize());
    late += c.host()[0] == 5;
  }
  EXPECT_GT(late, 0);
  EXPECT_LT(late, 40);
}

TEST(SimtStreams, DefaultStreamWaitsForBlockingStreamsAndTheyForIt) {
  const Deferred deferred;
  for (int round = 0; round < 20; ++round) {
    const DeviceArray<int> a(counting<int>(1)), b(std::vector<int>{-1000}), c(1), d(1);
    const Stream first, second;
    EXPECT_CUDA(launch(add_kernel, 1, 1, 0, first, a.data(), b.data(), 5));
    EXPECT_CUDA(launch(add_kernel, 1, 1, 0, nullptr, b.data(), c.data(), 10));
    EXPECT_CUDA(launch(add_kernel, 1, 1, 0, second, c.data(), d.data(), 100));
    EXPECT_CUDA(cudaStreamSynchronize(second));
    EXPECT_EQ(d.host()[0], 115);
  }
}

TEST(SimtStreams, PageableMemoryMayBeReusedAtOncePinnedMayNot) {
  const Deferred deferred;
  const DeviceArray<int> a(1), b(1);
  int pageable = 1, *pinned = nullptr;
  EXPECT_CUDA(cudaMallocHost(&pinned, sizeof(int)));
  *pinned = 1;
  const Stream stream;
  EXPECT_CUDA(cudaMemcpyAsync(a.data(), &pageable, sizeof(int), cudaMemcpyHostToDevice, stream));
  EXPECT_CUDA(cudaMemcpyAsync(b.data(), pinned, sizeof(int), cudaMemcpyHostToDevice, stream));
  pageable = *pinned = 2;
  EXPECT_CUDA(cudaStreamSynchronize(stream));
  EXPECT_EQ(a.host()[0], 1);
  EXPECT_EQ(b.host()[0], 2);
  int back = 0;
  EXPECT_CUDA(cudaMemcpyAsync(&back, b.data(), sizeof(int), cudaMemcpyDeviceToHost, stream));
  EXPECT_EQ(back, 2);
  EXPECT_CUDA(cudaFreeHost(pinned));
}

TEST(SimtStreams, CopiesFindTheirDirection) {
  const Deferred deferred;
  const DeviceArray<int> a(1);
  int from = 1, to = 0;
  const Stream stream;
  EXPECT_CUDA(cudaMemcpyAsync(a.data(), &from, sizeof(int), cudaMemcpyDefault, stream));
  from = 2;
  EXPECT_CUDA(cudaMemcpyAsync(&to, a.data(), sizeof(int), cudaMemcpyDefault, stream));
  EXPECT_EQ(to, 1);
  EXPECT_CUDA(cudaMemcpyAsync(&to, &from, sizeof(int), cudaMemcpyDefault, stream));
  EXPECT_EQ(to, 2);
}

TEST(SimtStreams, CopiesWithinTheHostAreDoneWhenTheyReturn) {
  const Deferred deferred;
  const DeviceArray<int> a(counting<int>(1));
  int to[2] = {}, *pinned = nullptr;
  EXPECT_CUDA(cudaMallocHost(&pinned, 2 * sizeof(int)));
  const Stream stream;
  EXPECT_CUDA(launch(add_kernel, 1, 1, 0, stream, a.data(), pinned, 8));
  EXPECT_CUDA(cudaMemcpyAsync(to, pinned, sizeof(int), cudaMemcpyHostToHost, stream));
  EXPECT_EQ(to[0], 8);
  EXPECT_CUDA(cudaMemcpyAsync(pinned + 1, pinned, sizeof(int), cudaMemcpyHostToHost, stream));
  EXPECT_EQ(pinned[1], 8);
  EXPECT_CUDA(cudaFreeHost(pinned));
}

TEST(SimtStreams, EventsCanBeAskedAndTimed) {
  const Deferred deferred;
  const Stream stream;
  const DeviceArray<int> a(counting<int>(32)), b(32);
  cudaEvent_t start = nullptr, end = nullptr;
  EXPECT_CUDA(cudaEventCreate(&start));
  EXPECT_CUDA(cudaEventCreate(&end));
  EXPECT_EQ(cudaEventQuery(start), cudaSuccess);  // never recorded
  EXPECT_CUDA(cudaEventRecord(start, stream));
  EXPECT_CUDA(launch(add_kernel, 1, 32, 0, stream, a.data(), b.data(), 1));
  EXPECT_CUDA(cudaEventRecord(end, stream));
  float milliseconds = -1;
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, start, end), cudaErrorNotReady);
  int asked = 0;
  while (cudaEventQuery(end) == cudaErrorNotReady) ++asked;
  EXPECT_GT(asked, 0);
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, start, end), cudaSuccess);
  EXPECT_GE(milliseconds, 0.0f);
  EXPECT_EQ(cudaStreamQuery(stream), cudaSuccess);
  EXPECT_CUDA(cudaEventDestroy(start));
  EXPECT_CUDA(cudaEventDestroy(end));
}

TEST(SimtStreams, HostFunctionsTakeTheirTurn) {
  const Deferred deferred;
  const Stream stream;
  const DeviceArray<int> a(counting<int>(1));
  int* mapped = nullptr;
  EXPECT_CUDA(cudaHostAlloc(&mapped, 2 * sizeof(int), cudaHostAllocMapped));
  mapped[0] = mapped[1] = 0;
  int* device = nullptr;
  EXPECT_CUDA(cudaHostGetDevicePointer(&device, mapped, 0));
  EXPECT_CUDA(launch(add_kernel, 1, 1, 0, stream, a.data(), device, 8));
  EXPECT_CUDA(cudaLaunchHostFunc(
      stream, [](void* data) { static_cast<int*>(data)[1] = static_cast<int*>(data)[0]; }, mapped));
  EXPECT_CUDA(cudaStreamSynchronize(stream));
  EXPECT_EQ(mapped[1], 8);
  EXPECT_CUDA(cudaFreeHost(mapped));
}

TEST(SimtMemory, PointersKnowWhereTheyAre) {
  const DeviceArray<int> a(4);
  cudaPointerAttributes attributes;
  EXPECT_CUDA(cudaPointerGetAttributes(&attributes, a.data() + 2));
  EXPECT_EQ(attributes.type, cudaMemoryTypeDevice);
  int host = 0;
  EXPECT_CUDA(cudaPointerGetAttributes(&attributes, &host));
  EXPECT_EQ(attributes.type, cudaMemoryTypeUnregistered);
  EXPECT_CUDA(cudaHostRegister(&host, sizeof host, cudaHostRegisterDefault));
  EXPECT_CUDA(cudaPointerGetAttributes(&attributes, &host));
  EXPECT_EQ(attributes.type, cudaMemoryTypeHost);
  EXPECT_CUDA(cudaHostUnregister(&host));
}

}  // namespace
}  // namespace simt_test
