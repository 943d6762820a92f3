// Mistakes of host programs: device memory touched or forgotten, work that nothing orders.
#include "broken.h"

namespace broken {
namespace {

__global__ void add_one_kernel(const int* in, int* out) {
  out[threadIdx.x] = in[threadIdx.x] + 1;
}

__global__ void read_kernel(const int* in, int* out) {
  out[threadIdx.x] = in[threadIdx.x];
}

void run_host_reads_device_memory() {
  Ints in(kThreads);
  std::printf("%d\n", in.data()[3]);
}

void run_host_writes_device_memory() {
  Ints in(kThreads);
  in.data()[3] = 1;
}

void run_leak() {
  void* forgotten = nullptr;
  require(cudaMalloc(&forgotten, 1234));
}

void run_freed_twice() {
  void* memory = nullptr;
  require(cudaMalloc(&memory, 64));
  require(cudaFree(memory));
  require(cudaFree(memory));
}

// A stream that does not wait for the default stream.
class Stream {
 public:
  Stream() { require(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
  ~Stream() { cudaStreamDestroy(stream_); }
  operator cudaStream_t() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

// The second stream needs what the first one makes, but no event says so.
void run_missing_event() {
  const Stream first, second;
  Ints in(kThreads), between(kThreads), out(kThreads);
  require(launch(add_one_kernel, 1, kThreads, 0, first, in.data(), between.data()));
  require(launch(add_one_kernel, 1, kThreads, 0, second, between.data(), out.data()));
  require(cudaDeviceSynchronize());
  require(out.host()[5] == 7, "wrong result");
}

void run_pinned_memory_reused_too_soon() {
  const Stream stream;
  Ints out(kThreads);
  int* pinned = nullptr;
  require(cudaMallocHost(&pinned, sizeof(int)));
  *pinned = 1;
  require(cudaMemcpyAsync(out.data(), pinned, sizeof(int), cudaMemcpyHostToDevice, stream));
  *pinned = 2;  // the copy may not have been made yet
  require(cudaStreamSynchronize(stream));
  cudaFreeHost(pinned);
  require(out.host()[0] == 1, "wrong result");
}

void run_result_read_before_synchronising() {
  const Stream stream;
  Ints in(kThreads);
  int* pinned = nullptr;
  require(cudaMallocHost(&pinned, sizeof(int)));
  *pinned = -1;
  require(cudaMemcpyAsync(pinned, in.data() + 3, sizeof(int), cudaMemcpyDeviceToHost, stream));
  const int seen = *pinned;  // the copy may not have been made yet
  cudaFreeHost(pinned);
  require(seen == 3, "wrong result");
}

// A stream that does not block, beside the default stream's work.
void run_default_stream_taken_for_a_barrier() {
  const Stream stream;
  Ints in(kThreads), between(kThreads), out(kThreads);
  require(launch(add_one_kernel, 1, kThreads, 0, stream, in.data(), between.data()));
  require(launch(add_one_kernel, 1, kThreads, 0, nullptr, between.data(), out.data()));
  require(cudaDeviceSynchronize());
  require(out.host()[5] == 7, "wrong result");
}

void run_host_pointer_in_kernel() {
  std::vector<int> host(kThreads, 1);
  Ints out(kThreads);
  launch(read_kernel, 1, kThreads, 0, nullptr, host.data(), out.data());
}

void run_too_many_threads() {
  Ints in(2000), out(2000);
  require(launch(add_one_kernel, 1, 2000, 0, nullptr, in.data(), out.data()));
}

}  // namespace

std::vector<Case> host_cases() {
  return {{"host_reads_device_memory", run_host_reads_device_memory},
          {"host_writes_device_memory", run_host_writes_device_memory},
          {"leak", run_leak},
          {"freed_twice", run_freed_twice},
          {"missing_event", run_missing_event},
          {"pinned_memory_reused_too_soon", run_pinned_memory_reused_too_soon},
          {"result_read_before_synchronising", run_result_read_before_synchronising},
          {"default_stream_taken_for_a_barrier", run_default_stream_taken_for_a_barrier},
          {"host_pointer_in_kernel", run_host_pointer_in_kernel},
          {"too_many_threads", run_too_many_threads}};
}

}  // namespace broken
