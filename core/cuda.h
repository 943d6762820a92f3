// The CUDA devices as a user sees them: is there one, its name, its memory, waiting for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "../kernels/backend.h"

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
/// The same as a table to print.
std::string memory_summary();
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

/// Waits until the device has done all work queued on it, on any stream. Throws Error if a kernel
/// failed or met a bad value (such as a class index out of range).
void synchronize(int device = 0);

MemoryStats memory_stats(int device = 0);
/// The same as a table to print: torch.cuda.memory_summary.
std::string memory_summary(int device = 0);
void empty_cache(int device = 0);
/// As cpu::set_memory_limit.
void set_memory_limit(size_t bytes, int device = 0);

/// Whose kernels compute convolutions and matrix products: Backend::own, this project's;
/// Backend::vendor, cuDNN's and cuBLAS', and this project's where those refuse; Backend::fastest
/// (the default), for each new shape the faster of both, by trial, among those that give the same
/// bits in every run. Which one that is may differ from process to process, and with
/// it the last bits: keep tunable::results() for the next process, or set_benchmark(false). Without
/// cuDNN and cuBLAS (on a CPU, in the interpreter) it is always own.
using kernels::cuda::Backend;
void set_backend(Backend backend);
Backend backend();

/// torch.backends.cudnn.benchmark: whether a new shape is tried (the default). Off, own kernels run
/// under Backend::fastest, and the engine that cuDNN's heuristic names first under Backend::vendor:
/// the same in every process on the same model of GPU.
void set_benchmark(bool enable);
bool benchmark();

/// torch.cuda.tunable: what trials have chosen. io/tunable.h keeps it in files.
namespace tunable {
/// A line for each problem that was tried or set: "<problem, GPU> = <implementation>".
std::string results();
/// Takes over such lines, of another process, for the problems they name; what an implementation of
/// another version computed is tried anew. Throws Error for text of another form, and then takes
/// nothing.
void set_results(std::string_view text);
}  // namespace tunable

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
