// Derivatives of convolution and pooling, apart and fused, and of interpolation.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/adaptive_pool.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/avg_pool.h>
#include <cuttle/core/ops/conv2d_pool.h>
#include <cuttle/core/ops/interpolate.h>
#include <cuttle/core/ops/max_pool2d.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

// conv2d_max_pool2d with some of its windows cut off by ReLU.
Tensor fused(const Inputs& x, const Conv2dOptions& options, Activation activation) {
  return conv2d_max_pool2d(x[0], x[1], x.size() > 2 ? x[2] : Tensor(), options, activation);
}

const DerivativeCases cases({
    {"conv2d",
     [](const Inputs& x) { return conv2d(x[0], x[1], x[2], {.padding = 1}); },
     {{2, 2, 4, 3}, {3, 2, 3, 3}, {3}},
     -1,
     1},
    {"conv2d options",
     [](const Inputs& x) {
       return conv2d(x[0], x[1], {},
                     {.stride = {2, 1}, .padding = {1, 2}, .dilation = {1, 2}, .groups = 2});
     },
     {{1, 4, 5, 4}, {4, 2, 2, 3}},
     -1,
     1},
    {"conv2d of a view",
     [](const Inputs& x) { return conv2d(x[0].transpose(2, 3), x[1]); },
     {{1, 2, 4, 5}, {1, 2, 2, 2}},
     -1,
     1},
    {"max_pool2d", [](const Inputs& x) { return max_pool2d(x[0], 2); }, {{2, 3, 5, 4}}, -2, 2},
    {"max_pool2d options",
     [](const Inputs& x) {
       return max_pool2d(x[0], {3, 2}, {.stride = 2, .padding = 1, .ceil_mode = true});
     },
     {{1, 2, 6, 5}},
     -2,
     2},
    {"max_pool2d dilation",
     [](const Inputs& x) {
       return max_pool2d(x[0], 2, {.stride = 1, .padding = 1, .dilation = 2});
     },
     {{2, 2, 5, 4}},
     -2,
     2},
    {"conv2d then max_pool2d",
     [](const Inputs& x) { return max_pool2d(conv2d(x[0], x[1], x[2]).relu(), 2); },
     {{1, 2, 5, 5}, {2, 2, 2, 2}, {2}},
     -1,
     1},
    {"conv2d_max_pool2d",
     [](const Inputs& x) { return fused(x, {.padding = 1}, Activation::none); },
     {{2, 2, 5, 4}, {3, 2, 3, 3}, {3}},
     -1,
     1},
    {"conv2d_max_pool2d relu",
     [](const Inputs& x) { return fused(x, {.padding = 1}, Activation::relu); },
     {{2, 2, 5, 4}, {3, 2, 3, 3}, {3}},
     -1,
     1},
    {"conv2d_max_pool2d options",
     [](const Inputs& x) {
       return fused(x, {.stride = {2, 1}, .groups = 2}, Activation::relu);
     },
     {{1, 4, 7, 4}, {4, 2, 2, 2}},
     -1,
     1},
    {"conv2d of one tensor by itself",
     [](const Inputs& x) { return conv2d(x[0], x[0]); },
     {{2, 2, 2, 2}},
     -1,
     1},
    {"avg_pool2d",
     [](const Inputs& x) {
       return avg_pool2d(x[0], {3, 2}, {.stride = 2, .padding = 1, .ceil_mode = true});
     },
     {{1, 2, 4, 5}}},
    {"adaptive_avg_pool2d",
     [](const Inputs& x) {
       return adaptive_avg_pool2d(x[0], {3, 2});
     },
     {{1, 2, 4, 5}}},
    {"adaptive_max_pool2d",
     [](const Inputs& x) {
       return adaptive_max_pool2d(x[0], {3, 2});
     },
     {{1, 2, 4, 5}},
     -2,
     2},
    {"max_pool1d", [](const Inputs& x) { return max_pool1d(x[0], 2); }, {{1, 2, 5}}, -2, 2},
    {"max_unpool2d",
     [](const Inputs& x) {
       const Tensor indices = tensor<int64_t>({0, 3, 5, 7}).reshape({1, 2, 2});
       return max_unpool2d(x[0], indices.to(x[0].device()), 2);
     },
     {{1, 2, 2}}},
    {"interpolate nearest",
     [](const Inputs& x) {
       return interpolate(x[0], {.size = {3, 4}});
     },
     {{1, 2, 2, 3}}},
    {"interpolate bilinear",
     [](const Inputs& x) { return interpolate(x[0], {.scale_factor = {1.6}, .mode = "bilinear"}); },
     {{1, 2, 2, 3}}},
    {"interpolate bicubic",
     [](const Inputs& x) {
       return interpolate(x[0], {.size = {3, 4}, .mode = "bicubic", .align_corners = true});
     },
     {{1, 1, 2, 3}}},
});

}  // namespace
}  // namespace cuttle::test
