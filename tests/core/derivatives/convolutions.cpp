// Derivatives of the convolutions beside conv2d (windows.cpp).
#include <cuttle/core/ops/convolution.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

const DerivativeCases cases({
    {"conv1d options",
     [](const Inputs& x) {
       return conv1d(x[0], x[1], x[2], {.stride = 2, .padding = 1, .dilation = 2, .groups = 2});
     },
     {{1, 4, 6}, {2, 2, 2}, {2}},
     -1,
     1},
    {"conv2d same, even kernel",
     [](const Inputs& x) { return conv2d(x[0], x[1], {}, {.padding = "same"}); },
     {{1, 1, 3, 4}, {2, 1, 2, 4}},
     -1,
     1},
    {"conv2d reflect",
     [](const Inputs& x) {
       return conv2d(x[0], x[1], {}, {.padding = 1, .padding_mode = "reflect"});
     },
     {{1, 1, 3, 3}, {1, 1, 3, 2}},
     -1,
     1},
    {"conv3d options",
     [](const Inputs& x) {
       return conv3d(
           x[0], x[1], x[2],
           {.stride = {2, 1, 1}, .padding = {2, 0, 1}, .dilation = {2, 1, 1}, .groups = 2});
     },
     {{1, 2, 4, 2, 2}, {2, 1, 2, 2, 2}, {2}},
     -1,
     1},
    {"conv_transpose1d options",
     [](const Inputs& x) {
       return conv_transpose1d(x[0], x[1], x[2], {.stride = 2, .padding = 1, .output_padding = 1});
     },
     {{1, 2, 4}, {2, 2, 3}, {2}},
     -1,
     1},
    {"conv_transpose2d options",
     [](const Inputs& x) {
       return conv_transpose2d(x[0], x[1], x[2],
                               {.stride = {2, 1},
                                .padding = {1, 0},
                                .output_padding = {1, 1},
                                .groups = 2,
                                .dilation = {1, 2}});
     },
     {{1, 2, 3, 2}, {2, 2, 3, 2}, {4}},
     -1,
     1},
    {"conv_transpose2d of a view",
     [](const Inputs& x) { return conv_transpose2d(x[0].transpose(2, 3), x[1].transpose(2, 3)); },
     {{1, 2, 3, 2}, {2, 1, 3, 2}},
     -1,
     1},
    {"conv_transpose3d options",
     [](const Inputs& x) {
       return conv_transpose3d(x[0], x[1], x[2],
                               {.stride = {2, 1, 1}, .padding = {1, 0, 1}, .groups = 2});
     },
     {{1, 2, 2, 2, 2}, {2, 1, 3, 2, 2}, {2}},
     -1,
     1},
});

}  // namespace
}  // namespace cuttle::test
