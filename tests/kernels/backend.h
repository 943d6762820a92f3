// The fixture of the kernel tests: every test runs on the CPU, on the GPU's hand-written kernels
// and on the vendor's libraries; what this build or machine lacks shows as SKIPPED.
#pragma once

#include <cuttle/kernels/strided.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "support/device_buffer.h"

namespace cuttle::test {

struct OnCpu {
  using Stream = kernels::cpu::Stream;
  static constexpr const char* kName = "cpu";
  static std::string why_unavailable() { return ""; }
  static Stream open() { return {}; }
  static void close(Stream) {}
};

#if defined(CUTTLE_CUDA)
template <kernels::cuda::Backend backend>
struct OnCuda {
  using Stream = kernels::cuda::Stream;
  static constexpr bool kVendor = backend == kernels::cuda::Backend::vendor;
  static constexpr const char* kName = kVendor ? "cuda_vendor" : "cuda";
  static std::string why_unavailable() {
    if (kernels::cuda::device_count() == 0)
      return "needs a CUDA device: " + kernels::cuda::why_unavailable();
    if (kVendor && !kernels::cuda::has_vendor_libraries())
      return "this build has no cuDNN and cuBLAS";
    return "";
  }
  /// TF32 would need tolerances a thousand times as wide; tests compare float32 with float32.
  static Stream open() {
    kernels::cuda::set_backend(backend);
    kernels::cuda::set_allow_tf32_convolution(false);
    return kernels::cuda::create_stream(0);
  }
  static void close(Stream stream) {
    kernels::cuda::destroy_stream(stream);
    kernels::cuda::set_backend(kernels::cuda::Backend::fastest);  // the defaults
    kernels::cuda::set_allow_tf32_convolution(kernels::cuda::has_vendor_libraries());
  }
};
using Backends = ::testing::Types<OnCpu, OnCuda<kernels::cuda::Backend::own>,
                                  OnCuda<kernels::cuda::Backend::vendor>>;
#else
using Backends = ::testing::Types<OnCpu>;
#endif

struct BackendName {
  template <class Backend>
  static std::string GetName(int) {
    return Backend::kName;
  }
};

template <class Backend>
class KernelTest : public ::testing::Test {
 public:
  using Stream = typename Backend::Stream;

  template <class T>
  DeviceBuffer<Stream, T> upload(const HostArray<T>& values) const {
    return {stream, values};
  }
  template <class T>
  DeviceBuffer<Stream, T> unset(size_t size) const {
    return DeviceBuffer<Stream, T>::unset(stream, size);
  }

  Stream stream;

 protected:
  void SetUp() override {
    const std::string why = Backend::why_unavailable();
    if (!why.empty()) GTEST_SKIP() << why;
    stream = Backend::open();
    opened_ = true;
  }
  void TearDown() override {
    if (opened_) Backend::close(stream);
  }

 private:
  bool opened_ = false;
};

/// `size` values between `low` and `high`, the same in every run.
template <class T>
std::vector<T> random_values(size_t size, unsigned seed, double low = -1, double high = 1) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> value(low, high);
  std::vector<T> values(size);
  for (T& v : values) v = static_cast<T>(value(generator));
  return values;
}

/// |actual − expected| ≤ atol + rtol · |expected|, NaN equal to NaN.
template <class T>
void expect_close(const std::vector<T>& actual, const std::vector<double>& expected, double atol,
                  double rtol, const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  for (size_t i = 0; i < actual.size(); ++i) {
    const double a = static_cast<double>(actual[i]), e = expected[i];
    const bool close =
        a == e || (std::isnan(a) && std::isnan(e)) || std::abs(a - e) <= atol + rtol * std::abs(e);
    ASSERT_TRUE(close) << what << ", element " << i << ": " << a << ", expected " << e;
  }
}

/// The rounding unit of T: tolerances are multiples of it.
template <class T>
inline constexpr double kEpsilon = sizeof(T) == 8 ? 2.3e-16 : 1.2e-7;

/// Contiguous row-major strides of a loop's operand.
template <class Loop>
void make_dense(Loop& loop, int operand) {
  int64_t stride = 1;
  for (int d = loop.rank - 1; d >= 0; --d) {
    loop.strides[operand][d] = stride;
    stride *= loop.sizes[d];
  }
}

/// Elements from an operand's pointer to the last one that the loop touches.
template <int Operands>
size_t extent(const kernels::StridedLoop<Operands>& loop, int operand) {
  if (loop.numel() == 0) return 0;
  int64_t last = 0;
  for (int d = 0; d < loop.rank; ++d) last += (loop.sizes[d] - 1) * loop.strides[operand][d];
  return static_cast<size_t>(last + 1);
}

/// Calls f(offsets) for each element of the loop, in its order; offsets of every operand.
template <int Operands, class F>
void for_each_element(const kernels::StridedLoop<Operands>& loop, F f) {
  for (int64_t i = 0; i < loop.numel(); ++i) {
    int64_t rest = i, offsets[Operands] = {};
    for (int d = loop.rank - 1; d >= 0; --d) {
      const int64_t at = rest % loop.sizes[d];
      rest /= loop.sizes[d];
      for (int p = 0; p < Operands; ++p) offsets[p] += at * loop.strides[p][d];
    }
    f(offsets);
  }
}

inline constexpr int64_t kSizes[] = {0, 1, 31, 33, 1025, 4133};

}  // namespace cuttle::test
