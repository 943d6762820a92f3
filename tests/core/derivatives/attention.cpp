// Derivatives of attention: masks, causal, dropout, packed projections.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/attention/attention.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

TensorsFunction attention(const AttentionOptions& options) {
  return [options](const Inputs& x) {
    AttentionOptions each = options;
    if (each.attn_mask.defined()) each.attn_mask = each.attn_mask.to(x[0].device());
    if (each.dropout_p > 0) each.generator = Generator(3, Engine::philox);  // the same at each call
    return scaled_dot_product_attention(x[0], x[1], x[2], each);
  };
}

const std::vector<Shape> kShapes{{1, 2, 3, 2}, {1, 2, 3, 2}, {1, 2, 3, 2}};

const DerivativeCases cases({
    {"attention", attention({}), kShapes},
    {"attention causal", attention({.is_causal = true}), kShapes},
    {"attention masked",
     attention(
         {.attn_mask = tensor(std::vector<uint8_t>{1, 0, 1, 0, 0, 0, 1, 1, 1}, {3, 3}).to(boolean),
          .scale = 0.7}),
     kShapes},
    {"attention dropout", attention({.dropout_p = 0.3}), kShapes},
    {"attention packed",
     [](const Inputs& x) { return packed_attention(x[0], 2, false); },
     {{2, 1, 12}}},
});

}  // namespace
}  // namespace cuttle::test
