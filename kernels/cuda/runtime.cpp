// kernels/cuda_runtime.h over the CUDA runtime: devices, memory, streams, events.
#include "../cuda_runtime.h"

#include <pthread.h>

#include <atomic>
#include <utility>

#include "../cuda_graph.h"
#include "../error.h"
#include "capture.h"
#include "check.h"
#include "device_report.h"
#include "workspace.h"

namespace cuttle::kernels::cuda {

namespace {

/// What the first look at the machine found; nothing touches CUDA before somebody asks.
struct Found {
  int devices = 0;
  cudaError_t status = cudaSuccess;
};

/// True in the child of a process that had found devices: CUDA's state does not survive fork(), nor
/// do the interpreter's threads.
std::atomic<bool> forked{false};

const Found& found() noexcept {
  static const Found result = [] {
    Found look;
    look.status = cudaGetDeviceCount(&look.devices);
    if (look.status != cudaSuccess) {
      (void)cudaGetLastError();
      look.devices = 0;
    }
    if (look.devices > 0) pthread_atfork(nullptr, nullptr, [] { forked = true; });
    return look;
  }();
  return result;
}

std::string version(int number) {  // 13000: "13.0"
  return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

/// nullptr for lack of memory, an exception for everything else.
void* unless_exhausted(cudaError_t status, void* memory, std::string_view what) {
  if (status == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    return nullptr;
  }
  check(status, what);
  return memory;
}

cudaEvent_t native(void* event) {
  return static_cast<cudaEvent_t>(event);
}

}  // namespace

int device_count() noexcept {
  return forked ? 0 : found().devices;
}

std::string why_unavailable() {
  if (forked)
    return "this process was made by fork() after its parent had found CUDA devices, and CUDA's "
           "state stayed there (fork before that, or start another program)";
  if (found().devices > 0) return "";
  int driver = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0)
    return "no CUDA driver is installed";
  int runtime = 0;
  (void)cudaRuntimeGetVersion(&runtime);
  if (found().status == cudaErrorInsufficientDriver)
    return "the CUDA driver (for CUDA " + version(driver) + ") is older than this build needs (" +
           version(runtime) + ")";
  if (found().status == cudaErrorNoDevice || found().status == cudaSuccess)
    return "the CUDA driver sees no GPU (is CUDA_VISIBLE_DEVICES set?)";
  return std::string("CUDA does not start: ") + cudaGetErrorString(found().status);
}

void refuse_after_fork() {
  if (forked) fail("CUDA cannot be used here: ", why_unavailable());
}

DeviceProperties device_properties(int device) {
  cudaDeviceProp native_properties;
  check(cudaGetDeviceProperties(&native_properties, device), "cudaGetDeviceProperties");
  DeviceProperties properties;
  properties.name = native_properties.name;
  properties.capability_major = native_properties.major;
  properties.capability_minor = native_properties.minor;
  properties.multiprocessors = native_properties.multiProcessorCount;
  properties.total_memory = native_properties.totalGlobalMem;
  return properties;
}

int current_device() {
  int device = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  return device;
}

void set_current_device(int device) {
  check(cudaSetDevice(device), "cudaSetDevice");
}

void* allocate(int device, size_t bytes) {
  const DeviceGuard guard(device);
  const UncapturedCalls not_captured;
  void* memory = nullptr;
  const cudaError_t status = cudaMalloc(&memory, bytes);
  return unless_exhausted(status, memory, "cudaMalloc");
}

void free(int, void* memory) noexcept {
  if (memory == nullptr || forked) return;
  const UncapturedCalls not_captured;
  (void)cudaFree(memory);
}

void* allocate_pinned(size_t bytes) {
  refuse_while_capturing("what needs page-locked memory",
                         "run the same work once before the capture begins");
  void* memory = nullptr;
  const cudaError_t status =
      cudaHostAlloc(&memory, bytes, cudaHostAllocPortable | cudaHostAllocMapped);
  return unless_exhausted(status, memory, "cudaHostAlloc");
}

void free_pinned(void* memory) noexcept {
  if (memory != nullptr && !forked) (void)cudaFreeHost(memory);
}

void copy(Stream stream, void* to, const void* from, size_t bytes, CopyKind kind) {
  if (bytes == 0) return;
  const DeviceGuard guard(stream.device);
  const cudaMemcpyKind native_kind = kind == CopyKind::host_to_device   ? cudaMemcpyHostToDevice
                                     : kind == CopyKind::device_to_host ? cudaMemcpyDeviceToHost
                                                                        : cudaMemcpyDeviceToDevice;
  check(cudaMemcpyAsync(to, from, bytes, native_kind, native(stream)), "cudaMemcpyAsync");
}

void copy_peer(Stream stream, void* to, int to_device, const void* from, int from_device,
               size_t bytes) {
  if (bytes == 0) return;
  const DeviceGuard guard(stream.device);
  check(cudaMemcpyPeerAsync(to, to_device, from, from_device, bytes, native(stream)),
        "cudaMemcpyPeerAsync");
}

Stream create_stream(int device) {
  const DeviceGuard guard(device);
  cudaStream_t handle = nullptr;
  check(cudaStreamCreateWithFlags(&handle, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  return {handle, device};
}

void destroy_stream(Stream stream) noexcept {
  (void)cudaStreamSynchronize(native(stream));
  release_stream_resources(stream);
  (void)cudaStreamDestroy(native(stream));
}

void synchronize(Stream stream) {
  const DeviceGuard guard(stream.device);
  check(cudaStreamSynchronize(native(stream)), "cudaStreamSynchronize");
  throw_reported(stream.device);
}

bool is_idle(Stream stream) {
  const DeviceGuard guard(stream.device);
  const cudaError_t status = cudaStreamQuery(native(stream));
  if (status == cudaErrorNotReady) {
    (void)cudaGetLastError();
    return false;
  }
  check(status, "cudaStreamQuery");
  return true;
}

void throw_reported_errors(int device) {
  throw_reported(device);
}

Event::Event(int device, bool timing) : device_(device) {
  const DeviceGuard guard(device);
  cudaEvent_t event = nullptr;
  const unsigned flags = timing ? cudaEventDefault : cudaEventDisableTiming;
  check(cudaEventCreateWithFlags(&event, flags), "cudaEventCreateWithFlags");
  handle_ = event;
}

Event::~Event() {
  if (handle_ != nullptr) (void)cudaEventDestroy(native(handle_));
}

Event::Event(Event&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), device_(other.device_) {}

Event& Event::operator=(Event&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(device_, other.device_);
  return *this;
}

void Event::record(Stream stream) {
  const DeviceGuard guard(stream.device);
  check(cudaEventRecord(native(handle_), native(stream)), "cudaEventRecord");
}

bool Event::record_outside_captures(Stream stream) {
  const std::lock_guard lock(capture_mutex());
  if (is_captured(stream)) return false;
  record(stream);
  return true;
}

bool Event::is_done() const {
  const cudaError_t status = cudaEventQuery(native(handle_));
  if (status == cudaErrorNotReady) {
    (void)cudaGetLastError();
    return false;
  }
  check(status, "cudaEventQuery");
  return true;
}

void Event::block(Stream stream) const {
  const DeviceGuard guard(stream.device);
  std::unique_lock<std::mutex> lock;
  if (is_capturing()) lock = std::unique_lock(capture_mutex());  // the stream may join the capture
  check(cudaStreamWaitEvent(native(stream), native(handle_), 0), "cudaStreamWaitEvent");
}

void Event::synchronize() const {
  check(cudaEventSynchronize(native(handle_)), "cudaEventSynchronize");
}

double Event::milliseconds_until(const Event& later) const {
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, native(handle_), native(later.handle_)),
        "cudaEventElapsedTime");
  return static_cast<double>(milliseconds);
}

}  // namespace cuttle::kernels::cuda
