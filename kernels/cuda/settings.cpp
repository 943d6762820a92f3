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

std::atomic<bool> use_vendor{kHasVendorLibraries};
std::atomic<bool> tf32_convolution{kHasVendorLibraries};
std::atomic<bool> tf32_matmul{false};
std::atomic<bool> try_algorithms{false};

}  // namespace

bool has_vendor_libraries() noexcept {
  return kHasVendorLibraries;
}

void set_library(Library choice) noexcept {
  use_vendor = kHasVendorLibraries && choice == Library::vendor;
}
Library library() noexcept {
  return use_vendor ? Library::vendor : Library::handwritten;
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
