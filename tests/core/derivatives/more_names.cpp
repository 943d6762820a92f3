// A case of exactly their names for operations whose options other files of this folder go through.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/adaptive_pool.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/attention/attention.h>
#include <cuttle/core/ops/avg_pool.h>
#include <cuttle/core/ops/dropout.h>
#include <cuttle/core/ops/embedding.h>
#include <cuttle/core/ops/interpolate.h>
#include <cuttle/core/ops/losses/classification.h>
#include <cuttle/core/ops/losses/ctc_loss.h>
#include <cuttle/core/ops/losses/ranking.h>
#include <cuttle/core/ops/losses/regression.h>
#include <cuttle/core/ops/max_pool2d.h>
#include <cuttle/core/ops/products.h>
#include <cuttle/core/ops/rearrange.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

Tensor at(const Tensor& x, std::initializer_list<int64_t> indices, const Shape& shape) {
  return tensor(std::vector<int64_t>(indices), shape, {.device = x.device()});
}

// What is dropped is the same each time, on every device.
Generator seeded() {
  return Generator(7, Engine::philox);
}

const DerivativeCases elements({
    {"scatter_reduce",
     [](const Inputs& x) {
       return x[0].scatter_reduce(0, at(x[0], {1, 1, 0, 1}, {2, 2}), x[1], "sum");
     },
     {{2, 3}, {2, 2}}},
    {"trace", [](const Inputs& x) { return x[0].trace(); }, {{2, 3}}},
    {"fill_diagonal_",
     [](const Inputs& x) {
       Tensor y = x[0].clone();
       y.fill_diagonal_(1);
       return y;
     },
     {{2, 3}}},
    {"moveaxis", [](const Inputs& x) { return x[0].moveaxis(0, 1); }, {{2, 3}}},
    {"column_stack", [](const Inputs& x) { return column_stack(x); }, {{2}, {2, 2}}},
    {"row_stack", [](const Inputs& x) { return row_stack(x); }, {{2}, {2, 2}}},
    {"embedding_bag",
     [](const Inputs& x) {
       return embedding_bag(at(x[0], {0, 2, 2, 1}, {2, 2}), x[0]);
     },
     {{4, 2}}},
});

const DerivativeCases windows({
    {"avg_pool1d", [](const Inputs& x) { return avg_pool1d(x[0], 2); }, {{1, 2, 5}}},
    {"adaptive_avg_pool1d",
     [](const Inputs& x) { return adaptive_avg_pool1d(x[0], 2); },
     {{1, 2, 5}}},
    {"adaptive_max_pool1d",
     [](const Inputs& x) { return adaptive_max_pool1d(x[0], 2); },
     {{1, 2, 5}}},
    {"adaptive_max_pool1d_with_indices",
     [](const Inputs& x) { return adaptive_max_pool1d_with_indices(x[0], 2).values; },
     {{1, 2, 5}}},
    {"adaptive_max_pool2d_with_indices",
     [](const Inputs& x) { return adaptive_max_pool2d_with_indices(x[0], 2).values; },
     {{1, 1, 3, 4}}},
    {"max_pool1d_with_indices",
     [](const Inputs& x) { return max_pool1d_with_indices(x[0], 2).values; },
     {{1, 2, 5}}},
    {"max_pool2d_with_indices",
     [](const Inputs& x) { return max_pool2d_with_indices(x[0], 2).values; },
     {{1, 1, 3, 4}}},
    {"interpolate",
     [](const Inputs& x) { return interpolate(x[0], {.scale_factor = {2}}); },
     {{1, 1, 2, 2}}},
});

const DerivativeCases dropouts({
    {"dropout", [](const Inputs& x) { return dropout(x[0], 0.5, true, seeded()); }, {{2, 3}}},
    {"dropout1d",
     [](const Inputs& x) { return dropout1d(x[0], 0.5, true, seeded()); },
     {{2, 3, 1}}},
    {"dropout2d",
     [](const Inputs& x) { return dropout2d(x[0], 0.5, true, seeded()); },
     {{2, 3, 1, 2}}},
    {"dropout3d",
     [](const Inputs& x) { return dropout3d(x[0], 0.5, true, seeded()); },
     {{2, 3, 1, 1, 2}}},
    {"alpha_dropout",
     [](const Inputs& x) { return alpha_dropout(x[0], 0.5, true, seeded()); },
     {{2, 3}}},
});

const DerivativeCases losses({
    {"kl_div", [](const Inputs& x) { return kl_div(x[0], x[1]); }, {{2, 3}, {2, 3}}},
    {"multilabel_soft_margin_loss",
     [](const Inputs& x) {
       return multilabel_soft_margin_loss(x[0], (x[0].detach() > 1).to(x[0].dtype()));
     },
     {{2, 3}}},
    {"ctc_loss",
     [](const Inputs& x) {
       return ctc_loss(x[0].log_softmax(2), at(x[0], {1, 2, 2, 1}, {2, 2}), at(x[0], {4, 4}, {2}),
                       at(x[0], {2, 1}, {2}));
     },
     {{4, 2, 3}},
     0.5,
     2,
     {},
     /*once=*/true},
    {"pairwise_distance",
     [](const Inputs& x) { return pairwise_distance(x[0], x[1]); },
     {{2, 3}, {2, 3}}},
    {"triplet_margin_with_distance_loss",
     [](const Inputs& x) { return triplet_margin_with_distance_loss(x[0], x[1], x[2]); },
     {{2, 3}, {2, 3}, {2, 3}}},
    {"poisson_nll_loss",
     [](const Inputs& x) { return poisson_nll_loss(x[0], x[1]); },
     {{2, 3}, {2, 3}}},
    {"scaled_dot_product_attention",
     [](const Inputs& x) { return scaled_dot_product_attention(x[0], x[1], x[2]); },
     {{1, 2, 2}, {1, 3, 2}, {1, 3, 2}}},
    {"packed_attention",
     [](const Inputs& x) { return packed_attention(x[0], 2, true); },
     {{1, 2, 12}}},
});

}  // namespace
}  // namespace cuttle::test
