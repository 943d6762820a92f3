#include "newton_schulz.h"

#include "../core/autocast.h"
#include "../core/autograd/grad_mode.h"
#include "../core/ops/arithmetic.h"
#include "../core/ops/matmul.h"

namespace cuttle {

Tensor newton_schulz(const Tensor& matrices, const NewtonSchulzOptions& options) {
  if (!matrices.defined() || (matrices.dim() != 2 && matrices.dim() != 3) ||
      !is_floating_point(matrices.dtype()))
    fail("newton_schulz: expected floating-point matrices (m, n) or (B, m, n), got ",
         matrices.defined()
             ? matrices.shape().str() + " of " + std::string(dtype_name(matrices.dtype()))
             : "an undefined tensor");
  const NoGradGuard no_grad;
  const Autocast as_given(bfloat16, /*enabled=*/false);
  if (matrices.size(-2) > matrices.size(-1)) return newton_schulz(matrices.mT(), options).mT();
  if (matrices.dim() == 2) return newton_schulz(matrices.unsqueeze(0), options).squeeze(0);
  const auto [a, b, c] = options.coefficients;
  Tensor x = matrices / matrices.norm(2, {-2, -1}, /*keepdim=*/true).clamp(options.eps);
  for (int64_t step = 0; step < options.steps; ++step) {
    const Tensor gram = bmm(x, x.mT());
    x = baddbmm(x, baddbmm(gram, gram, gram, b, c), x, a);
  }
  return x;
}

}  // namespace cuttle
