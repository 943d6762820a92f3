// The process-wide choices of kernels/cuda_runtime.h: whose kernels run, TF32, and trials.
#include <atomic>

#include "../cuda_runtime.h"

namespace cuttle::kernels::cuda {

namespace {

#if defined(CUTTLE_VENDOR_LIBRARIES)
constexpr bool kHasVendorLibraries = true;
#else
constexpr bool kHasVendorLibraries = false;
#endif

std::atomic<Backend> chosen_backend{Backend::fastest};
std::atomic<bool> tf32_convolution{kHasVendorLibraries};
std::atomic<bool> tf32_matmul{false};
std::atomic<bool> try_algorithms{true};

}  // namespace

bool has_vendor_libraries() noexcept {
  return kHasVendorLibraries;
}

void set_backend(Backend choice) noexcept {
  chosen_backend = choice;
}
Backend backend() noexcept {
  return kHasVendorLibraries ? chosen_backend.load() : Backend::own;
}

void set_allow_tf32_convolution(bool allow) noexcept {
  tf32_convolution = allow;
}
bool allow_tf32_convolution() noexcept {
  return tf32_convolution;
}
void set_allow_tf32_matmul(bool allow) noexcept {
  tf32_matmul = allow;
}
bool allow_tf32_matmul() noexcept {
  return tf32_matmul;
}
void set_benchmark(bool enable) noexcept {
  try_algorithms = enable;
}
bool benchmark() noexcept {
  return try_algorithms;
}

}  // namespace cuttle::kernels::cuda
