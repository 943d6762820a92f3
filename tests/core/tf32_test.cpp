// Convolution in TF32, which every other test turns off: how far its results may lie from those of
// float32, and that the setting is obeyed.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/conv2d.h>

#include <array>

#include "samples.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

using Results = std::array<Tensor, 3>;  // y, dx, dw

/// A convolution that fills tensor cores, and its gradients, in float64 on the CPU.
Results convolve(const Tensor& input, const Tensor& filter, const Tensor& gradient) {
  Tensor x = input.detach(), w = filter.detach();
  x.requires_grad_(), w.requires_grad_();
  const Tensor y = conv2d(x, w, {}, {.padding = 1});
  y.backward(gradient);
  return {y.detach().to(float64).to(Device()), x.grad().to(float64).to(Device()),
          w.grad().to(float64).to(Device())};
}

TEST(Tf32, ConvolutionsRoundTheirInputsAndNoMore) {
  if (!cuda::is_available()) GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
  if (cuda::backend() == cuda::Backend::own) GTEST_SKIP() << "this build has no cuDNN";
  const Tensor x = sample({8, 32, 14, 14}, {}, float32, -1, 1, 1).to(float64);
  const Tensor w = sample({64, 32, 3, 3}, {}, float32, -1, 1, 2).to(float64);
  const Tensor dy = sample({8, 64, 14, 14}, {}, float32, -1, 1, 3).to(float64);
  const Results exact = convolve(x, w, dy);
  const Results magnitude = convolve(x.abs(), w.abs(), dy.abs());  // Σ |products|
  const auto on_gpu = [](const Tensor& t) { return t.to(float32).to(Device("cuda")); };

  for (const bool tf32 : {true, false}) {
    const Float32Convolutions restored_at_the_end;
    cuda::set_allow_tf32_convolution(tf32);
    const Results found = convolve(on_gpu(x), on_gpu(w), on_gpu(dy));
    // TF32 keeps 10 bits behind the leading one: each factor is off by at most 2⁻¹⁰ where it is
    // truncated. Sums in float32 over up to 1,568 products are off by far less.
    const double unit = tf32 ? 0x1p-9 : 2e-6;
    for (size_t k = 0; k < found.size(); ++k) {
      const auto a = found[k].to_vector<double>(), e = exact[k].to_vector<double>(),
                 m = magnitude[k].to_vector<double>();
      double worst = 0;
      for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - e[i]) / m[i]);
      RecordProperty((tf32 ? "tf32_" : "float32_") + std::to_string(k), std::to_string(worst));
      EXPECT_LE(worst, unit) << "y, dx, dw: number " << k << ", TF32 " << tf32;
    }
  }
}

}  // namespace
}  // namespace cuttle::test
