// What core needs of the CUDA runtime: devices, memory, streams, events. The only door through
// which core reaches it, so that no CUDA header is needed above kernels/cuda. Defined in builds
// with a GPU backend (CUDA or the interpreter) alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "backend.h"
#include "stream.h"

namespace cuttle::kernels::cuda {

/// Devices that can be used; 0 where there is no driver, and in such a child as below. Never
/// throws.
int device_count() noexcept;
/// Why device_count() is 0, in words ("no CUDA driver is installed", …); empty where it is not.
std::string why_unavailable();

/// Throws Error in a child process that fork() made after devices had been found: CUDA's state
/// stays in the parent. What would touch a device asks here first, before it takes any lock.
void refuse_after_fork();

struct DeviceProperties {
  std::string name;
  int capability_major = 0, capability_minor = 0;
  int multiprocessors = 0;
  size_t total_memory = 0;  // bytes
};
DeviceProperties device_properties(int device);

/// The device that cudaSetDevice last chose on this thread.
int current_device();
void set_current_device(int device);

/// Device memory, aligned to 256 bytes or more; nullptr when there is none left (no exception: the
/// caching allocator first gives back what it holds). `bytes` > 0.
void* allocate(int device, size_t bytes);
void free(int device, void* memory) noexcept;
/// Page-locked host memory; nullptr when there is none left.
void* allocate_pinned(size_t bytes);
void free_pinned(void* memory) noexcept;

enum class CopyKind { host_to_device, device_to_host, device_to_device };
/// Queues a copy. Host memory must be page-locked for it to overlap, and must live until it is
/// done.
void copy(Stream stream, void* to, const void* from, size_t bytes, CopyKind kind);
/// Queues a copy between the memories of two devices.
void copy_peer(Stream stream, void* to, int to_device, const void* from, int from_device,
               size_t bytes);

Stream create_stream(int device);
void destroy_stream(Stream stream) noexcept;
/// Waits for all work queued on the stream, then throws what kernels reported meanwhile: a CUDA
/// error, or a bad value (a class index out of range, …) found on the device.
void synchronize(Stream stream);

/// False while work of the stream is not done.
bool is_idle(Stream stream);
/// Throws what kernels reported of bad values, as synchronize does after it has waited.
void throw_reported_errors(int device);

/// A mark in a stream's work. Move-only.
class Event {
 public:
  explicit Event(int device, bool timing = false);
  ~Event();
  Event(Event&& other) noexcept;
  Event& operator=(Event&& other) noexcept;

  void record(Stream stream);
  /// The same unless the stream is being captured: then nothing happens, and it returns false.
  [[nodiscard]] bool record_outside_captures(Stream stream);
  /// True once all work before the mark is done (also when never recorded).
  bool is_done() const;
  /// Makes later work on `stream` wait for the mark.
  void block(Stream stream) const;
  /// Waits on the host.
  void synchronize() const;
  /// From this mark to a later one, both of them reached and made with timing.
  double milliseconds_until(const Event& later) const;

 private:
  void* handle_ = nullptr;
  int device_ = 0;
};

/// Whose kernels compute convolutions and matrix products. Default: fastest. Without the vendor's
/// libraries (as in the interpreter) backend() is always own.
void set_backend(Backend backend) noexcept;
Backend backend() noexcept;
/// True in builds that hold cuDNN and cuBLAS.
bool has_vendor_libraries() noexcept;

/// Whether float32 inputs may be rounded to TF32 (10 bits of mantissa) for tensor cores, by the
/// vendor's libraries and by the hand-written convolutions. Defaults as in PyTorch: yes in
/// convolutions, no in matrix products. The interpreter, where tensor cores would be slower than
/// what they stand in for, says no to both.
void set_allow_tf32_convolution(bool allow) noexcept;
bool allow_tf32_convolution() noexcept;
void set_allow_tf32_matmul(bool allow) noexcept;
bool allow_tf32_matmul() noexcept;

/// Whether what is chosen for a new shape is chosen by trials on the device. Without them own
/// kernels run under Backend::fastest, and the first engine that cuDNN's heuristic names under
/// Backend::vendor; both are the same in every process. Default: yes.
void set_benchmark(bool enable) noexcept;
bool benchmark() noexcept;

/// Every choice made by trial or taken from load_choices, a line each: "<problem> = <who>".
std::string choices();
/// Takes over what choices() gave in another process; later trials for other problems are added.
/// Throws Error for a line that is none of them, and then takes nothing.
void load_choices(std::string_view text);

/// Device memory that the kernels keep as scratch space (two-pass reductions, library workspaces).
/// `allocations` counts up for ever: a training step after warm-up leaves it unchanged.
struct ScratchStats {
  size_t bytes = 0;
  int64_t allocations = 0;
};
ScratchStats scratch_stats(int device);

}  // namespace cuttle::kernels::cuda
