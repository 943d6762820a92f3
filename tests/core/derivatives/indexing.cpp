// Derivatives of picking elements by index and by mask, and of writing them.
#include <cuttle/core/creation.h>
#include <cuttle/core/indexing.h>
#include <cuttle/core/ops/arithmetic.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

// Indices on the tensor's device.
Tensor at(const Tensor& x, std::initializer_list<int64_t> indices, const Shape& shape) {
  return tensor(std::vector<int64_t>(indices), shape, {.device = x.device()});
}
Tensor mask_of(const Tensor& x) {
  return x.detach() > 1;
}

const DerivativeCases cases({
    {"gather",
     [](const Inputs& x) {
       return x[0].gather(1, at(x[0], {2, 0, 2, 1}, {2, 2}));
     },
     {{2, 3}}},
    {"scatter",
     [](const Inputs& x) {
       return x[0].scatter(1, at(x[0], {2, 0, 0, 1}, {2, 2}), x[1]);
     },
     {{2, 3}, {2, 2}}},
    {"scatter_add",
     [](const Inputs& x) {
       return x[0].scatter_add(0, at(x[0], {1, 1, 0, 1}, {2, 2}), x[1]);
     },
     {{2, 3}, {2, 2}}},
    {"scatter_reduce prod with zeros",
     [](const Inputs& x) {
       const Tensor keeps = at(x[0], {1, 0, 1, 0}, {2, 2}).to(float64);
       return x[0].scatter_reduce(1, at(x[0], {2, 0, 0, 0}, {2, 2}), x[1] * keeps, "prod");
     },
     {{2, 3}, {2, 2}}},
    {"scatter_reduce mean",
     [](const Inputs& x) {
       return x[0].scatter_reduce(0, at(x[0], {1, 1, 0, 1}, {2, 2}), x[1], "mean", false).exp();
     },
     {{2, 3}, {2, 2}}},
    {"scatter_reduce amax",
     [](const Inputs& x) {
       return x[0].scatter_reduce(0, at(x[0], {1, 1, 0, 1}, {2, 2}), x[1], "amax").exp();
     },
     {{2, 3}, {2, 2}}},
    {"scatter_reduce_",
     [](const Inputs& x) {
       Tensor y = x[0] * 2;
       y.scatter_reduce_(0, at(x[0], {1, 1, 0, 1}, {2, 2}), x[1], "prod");
       return y * y;
     },
     {{2, 3}, {2, 2}}},
    {"index_reduce",
     [](const Inputs& x) {
       return x[0].index_reduce(0, at(x[0], {2, 0, 2}, {3}), x[1], "prod");
     },
     {{3, 2}, {3, 2}}},
    {"index_select",
     [](const Inputs& x) {
       return x[0].index_select(0, at(x[0], {2, 0, 2}, {3}));
     },
     {{3, 2}}},
    {"index_add",
     [](const Inputs& x) {
       return x[0].index_add(0, at(x[0], {2, 0, 2}, {3}), x[1], 2);
     },
     {{3, 2}, {3, 2}}},
    {"index_copy",
     [](const Inputs& x) {
       return x[0].index_copy(0, at(x[0], {2, 0}, {2}), x[1]);
     },
     {{3, 2}, {2, 2}}},
    {"index_fill",
     [](const Inputs& x) { return x[0].index_fill(1, at(x[0], {1}, {1}), 3); },
     {{2, 3}}},
    {"masked_fill",
     [](const Inputs& x) { return x[0].masked_fill(mask_of(x[0]), x[1]); },
     {{2, 3}, {}}},
    {"masked_scatter",
     [](const Inputs& x) { return x[0].masked_scatter(mask_of(x[1]), x[1]); },
     {{2, 3}, {2, 3}}},
    {"take",
     [](const Inputs& x) {
       return x[0].take(at(x[0], {5, 0, 5}, {3}));
     },
     {{2, 3}}},
    {"put",
     [](const Inputs& x) {
       return x[0].put(at(x[0], {5, 0}, {2}), x[1]);
     },
     {{2, 3}, {2}}},
    {"take and put",
     [](const Inputs& x) {
       const Tensor places = at(x[0], {5, 0, 5}, {3});
       return x[0].take(places).sum() * x[0].put(places, x[1], true);
     },
     {{2, 3}, {3}}},
    {"take_along_dim",
     [](const Inputs& x) {
       return x[0].take_along_dim(at(x[0], {1, 0, 1}, {1, 3}), 0);
     },
     {{2, 3}}},
    {"index",
     [](const Inputs& x) -> Tensor {
       return x[0].index({at(x[0], {1, 0, 1}, {3}), at(x[0], {2, 0, 2}, {3})});
     },
     {{2, 3}}},
    {"index_put",
     [](const Inputs& x) {
       return x[0].index_put({at(x[0], {1, 0}, {2}), at(x[0], {2, 0}, {2})}, x[1]);
     },
     {{2, 3}, {2}}},
    {"index and index_put",
     [](const Inputs& x) {
       const Tensor rows = at(x[0], {1, 0, 1}, {3}), columns = at(x[0], {2, 0, 2}, {3});
       return x[0].index({rows, columns}).sum() * x[0].index_put({rows, columns}, x[1], true);
     },
     {{2, 3}, {3}}},
});

}  // namespace
}  // namespace cuttle::test
