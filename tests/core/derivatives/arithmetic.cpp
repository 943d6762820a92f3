// Derivatives of one element by one.
#include <cuttle/core/ops/arithmetic.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

const DerivativeCases cases({
    {"add", [](const Inputs& x) { return x[0] + x[1]; }, {{2, 3}, {3}}},
    {"sub", [](const Inputs& x) { return x[0] - x[1]; }, {{2, 3}, {2, 1}}},
    {"mul", [](const Inputs& x) { return x[0] * x[1]; }, {{2, 3}, {1, 3}}},
    {"div", [](const Inputs& x) { return x[0] / x[1]; }, {{3}, {2, 3}}},
    {"add 0-dim", [](const Inputs& x) { return x[0] + x[1]; }, {{}, {3}}},
    {"mul self", [](const Inputs& x) { return x[0] * x[0]; }, {{5}}},
    {"scalars",
     [](const Inputs& x) { return 2 / (3 - x[0]) + (x[0] * 2 - 1) / 4 + 5; },
     {{5}},
     0,
     2},
    {"maximum", [](const Inputs& x) { return maximum(x[0], x[1]); }, {{7}, {2, 7}}},
    {"minimum", [](const Inputs& x) { return minimum(x[0], x[1]); }, {{7}, {2, 7}}},
    {"pow 3", [](const Inputs& x) { return pow(x[0], 3); }, {{5}}, -2, 2},
    {"pow 0", [](const Inputs& x) { return pow(x[0], 0); }, {{5}}},
    {"pow -1.5", [](const Inputs& x) { return x[0].pow(-1.5); }, {{5}}},
    {"pow of a number", [](const Inputs& x) { return pow(0.7, x[0]); }, {{5}}, -2, 2},
    {"xlogy with a number", [](const Inputs& x) { return xlogy(x[0], 0.7).exp(); }, {{5}}},
    {"logit clamped", [](const Inputs& x) { return logit(x[0], 0.3); }, {{5}}, 0.4, 0.6},
    {"neg", [](const Inputs& x) { return -x[0]; }, {{5}}},
    {"abs", [](const Inputs& x) { return x[0].abs(); }, {{33}}, -2, 2},
    {"exp", [](const Inputs& x) { return x[0].exp(); }, {{5}}},
    {"log", [](const Inputs& x) { return x[0].log(); }, {{5}}},
    {"sqrt", [](const Inputs& x) { return x[0].sqrt(); }, {{5}}},
    {"relu", [](const Inputs& x) { return x[0].relu(); }, {{33}}, -2, 2},
    {"sigmoid", [](const Inputs& x) { return x[0].sigmoid(); }, {{5}}, -2, 2},
    {"tanh", [](const Inputs& x) { return x[0].tanh(); }, {{5}}, -2, 2},
});

}  // namespace
}  // namespace cuttle::test
