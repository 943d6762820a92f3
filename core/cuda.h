// The CUDA devices as a user sees them: is there one, its name, its memory, waiting for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace cuttle {

/// What an allocator has done so far; counters only rise, but for `*_bytes`.
struct MemoryStats {
  size_t allocated_bytes = 0;       // in live tensors
  size_t peak_allocated_bytes = 0;  // the largest that was
  size_t reserved_bytes = 0;        // taken from the system: live, plus kept for reuse
  uint64_t allocations = 0;         // asked for by tensors
  uint64_t system_allocations = 0;  // of those, how many had to ask the system (cudaMalloc, malloc)
  uint64_t synchronizations = 0;    // times the host waited for the device (CUDA devices alone)
};

/// Host memory of CPU tensors.
namespace cpu {
MemoryStats memory_stats();
/// Gives memory that no tensor uses back to the system.
void empty_cache();
/// Allocations beyond this many reserved bytes throw OutOfMemoryError; 0: no limit.
void set_memory_limit(size_t bytes);
}  // namespace cpu

namespace cuda {

/// True if this build has a GPU backend and the machine a device for it. Never throws.
bool is_available() noexcept;
/// Why is_available() is false, in words.
std::string why_unavailable();
int device_count() noexcept;
/// The device that "cuda" without a number means.
int current_device();
/// "NVIDIA H200"; in the interpreter build, the interpreter's name.
std::string device_name(int device = 0);

/// Waits until the device has done all work queued on it, on any stream. Throws Error if a kernel failed or met a
/// bad value (such as a class index out of range).
void synchronize(int device = 0);

MemoryStats memory_stats(int device = 0);
void empty_cache(int device = 0);
/// As cpu::set_memory_limit.
void set_memory_limit(size_t bytes, int device = 0);

/// Whether convolution and matrix product run in cuDNN and cuBLAS (the default where the build has
/// them) or in this project's own kernels.
void set_use_vendor_libraries(bool use);
bool use_vendor_libraries();

/// torch.backends.cudnn.benchmark: whether each new shape of convolution tries cuDNN's
/// deterministic algorithms and keeps the fastest. Which one that is may change from run to run,
/// and with it the last bits of every result. Off (the default), cuDNN's heuristic chooses, and a
/// program gives the same bits in every run on the same model of GPU.
void set_benchmark(bool enable);
bool benchmark();

/// torch.backends.cudnn.allow_tf32 and torch.backends.cuda.matmul.allow_tf32: whether float32
/// inputs may be rounded to TF32, 10 bits of mantissa, for tensor cores. As in PyTorch on for
/// convolutions, cuDNN's and this project's own, and off for matrix products. Off for both in the
/// interpreter.
void set_allow_tf32_convolution(bool allow);
bool allow_tf32_convolution();
void set_allow_tf32_matmul(bool allow);
bool allow_tf32_matmul();

}  // namespace cuda
}  // namespace cuttle
