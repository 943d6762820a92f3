#include "cuda.h"

#include "allocators.h"
#include "stream_use.h"
#include "text_table.h"
#if defined(CUTTLE_CUDA)
#include "../kernels/cuda_runtime.h"
#endif

namespace cuttle {
namespace {

std::string summary_of(const std::string& device, const MemoryStats& stats) {
  TextTable table({"memory of " + device, "", ""});
  const auto bytes = [&](const char* what, size_t count, const char* meaning) {
    table.add_row({what, readable_bytes(static_cast<int64_t>(count)), meaning});
  };
  bytes("allocated", stats.allocated_bytes, "in live tensors");
  bytes("peak allocated", stats.peak_allocated_bytes, "the most that was");
  bytes("cached", stats.reserved_bytes - stats.allocated_bytes, "free, kept for reuse");
  bytes("reserved", stats.reserved_bytes, "taken from the system");
  table.add_row({"allocations", std::to_string(stats.allocations), "asked for by tensors"});
  table.add_row({"from the system", std::to_string(stats.system_allocations),
                 "of these, reached the system"});
  table.add_row({"waits", std::to_string(stats.synchronizations), "of the host for the device"});
  return table.str();
}

}  // namespace

namespace cpu {

MemoryStats memory_stats() {
  return allocator_of(Device()).stats();
}
std::string memory_summary() {
  return summary_of("cpu", memory_stats());
}
void empty_cache() {
  allocator_of(Device()).empty_cache();
}
void set_memory_limit(size_t bytes) {
  allocator_of(Device()).set_limit(bytes);
}

}  // namespace cpu

namespace cuda {

bool is_available() noexcept {
  return device_count() > 0;
}

#if defined(CUTTLE_CUDA)

namespace gpu = kernels::cuda;

std::string why_unavailable() {
  return gpu::why_unavailable();
}
int device_count() noexcept {
  return gpu::device_count();
}
int current_device() {
  return gpu::current_device();
}
std::string device_name(int device) {
  return gpu::device_properties(Device(DeviceType::cuda, device).index()).name;
}
void synchronize(int device) {
  const Device checked(DeviceType::cuda, device);
  refuse_while_capturing(checked, "cuda::synchronize",
                         "it waits for the device; wait after replay()");
  allocator_of(checked).count_synchronization();
  synchronize_streams(checked);
}
void set_backend(Backend backend) {
  gpu::set_backend(backend);
}
Backend backend() {
  return gpu::backend();
}
std::string tunable::results() {
  return gpu::choices();
}
void tunable::set_results(std::string_view text) {
  gpu::load_choices(text);
}
void set_benchmark(bool enable) {
  gpu::set_benchmark(enable);
}
bool benchmark() {
  return gpu::benchmark();
}
void set_allow_tf32_convolution(bool allow) {
  gpu::set_allow_tf32_convolution(allow);
}
bool allow_tf32_convolution() {
  return gpu::allow_tf32_convolution();
}
void set_allow_tf32_matmul(bool allow) {
  gpu::set_allow_tf32_matmul(allow);
}
bool allow_tf32_matmul() {
  return gpu::allow_tf32_matmul();
}

#else

std::string why_unavailable() {
  return "this build of Cuttle has no GPU backend";
}
int device_count() noexcept {
  return 0;
}
int current_device() {
  return Device("cuda").index();
}
std::string device_name(int device) {
  return Device(DeviceType::cuda, device).str();
}
void synchronize(int device) {
  Device(DeviceType::cuda, device);
}
void set_backend(Backend) {}
Backend backend() {
  return Backend::own;
}
std::string tunable::results() {
  return {};
}
void tunable::set_results(std::string_view) {}
void set_benchmark(bool) {}
bool benchmark() {
  return false;
}
void set_allow_tf32_convolution(bool) {}
bool allow_tf32_convolution() {
  return false;
}
void set_allow_tf32_matmul(bool) {}
bool allow_tf32_matmul() {
  return false;
}

#endif

MemoryStats memory_stats(int device) {
  return allocator_of(Device(DeviceType::cuda, device)).stats();
}
std::string memory_summary(int device) {
  return summary_of(Device(DeviceType::cuda, device).str(), memory_stats(device));
}
void empty_cache(int device) {
  synchronize(device);
  allocator_of(Device(DeviceType::cuda, device)).empty_cache();
}
void set_memory_limit(size_t bytes, int device) {
  allocator_of(Device(DeviceType::cuda, device)).set_limit(bytes);
}

}  // namespace cuda
}  // namespace cuttle
