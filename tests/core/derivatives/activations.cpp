// Derivatives of activations of their own form, embeddings, bilinear forms and cosines.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/activations.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/bilinear.h>
#include <cuttle/core/ops/embedding.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

Tensor numbers(const Inputs& x) {
  return tensor<int64_t>({1, 0, 2, 1, 1, 2}, {2, 3}).to(x[0].device());
}
Tensor bag(const Inputs& x, const EmbeddingBagOptions& options) {
  const Tensor offsets = tensor<int64_t>({0, 2, 2}).to(x[0].device());
  return embedding_bag(numbers(x).reshape({-1}), x[0], offsets, options,
                       x.size() > 1 ? x[1] : Tensor());
}

const DerivativeCases cases({
    {"glu", [](const Inputs& x) { return glu(x[0]); }, {{3, 4}}},
    {"glu of a view", [](const Inputs& x) { return glu(x[0].t(), 0); }, {{3, 4}}},
    {"prelu", [](const Inputs& x) { return prelu(x[0] - 1.2, x[1]); }, {{2, 3, 2}, {3}}, 0.5, 1.1},
    {"selu", [](const Inputs& x) { return selu(x[0]); }, {{5}}, -2, 2},
    {"celu", [](const Inputs& x) { return celu(x[0], 1.5); }, {{5}}, -2, 2},
    {"softmin", [](const Inputs& x) { return softmin(x[0], 0); }, {{3, 2}}},
    {"embedding", [](const Inputs& x) { return embedding(numbers(x), x[0]).square(); }, {{4, 2}}},
    {"embedding padding by frequency",
     [](const Inputs& x) {
       // The gradient is not the function's derivative for rows that are left out or divided; what
       // is differentiated here looks each row up once, and none is the padding.
       const Tensor once = tensor<int64_t>({3, 0}).to(x[0].device());
       return embedding(once, x[0], {.padding_idx = 1, .scale_grad_by_freq = true}).square();
     },
     {{4, 2}}},
    {"embedding_bag sum",
     [](const Inputs& x) { return bag(x, {.mode = BagMode::sum}).square(); },
     {{4, 2}, {6}}},
    {"embedding_bag mean",
     [](const Inputs& x) { return bag(x, {.mode = BagMode::mean}).square(); },
     {{4, 2}}},
    {"embedding_bag max",
     [](const Inputs& x) { return bag(x, {.mode = BagMode::max}).square(); },
     {{4, 2}}},
    {"bilinear",
     [](const Inputs& x) { return bilinear(x[0], x[1], x[2], x[3]); },
     {{2, 3}, {2, 2}, {2, 3, 2}, {2}}},
    {"cosine_similarity",
     [](const Inputs& x) { return cosine_similarity(x[0], x[1]); },
     {{2, 3}, {3}}},
});

}  // namespace
}  // namespace cuttle::test
