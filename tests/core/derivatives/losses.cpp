// Derivatives of cross-entropy: reductions, weights, an ignored class, label smoothing.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/cross_entropy.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

std::vector<DerivativeCase> cross_entropies() {
  std::vector<DerivativeCase> all = {
      {"cross_entropy",
       [](const Inputs& x) {
         return cross_entropy(x[0], tensor<int64_t>({0, 2, 1, 2}).to(x[0].device()));
       },
       {{4, 3}},
       -2,
       2}};
  for (const auto& [name, reduction] : {std::pair{"mean", LossReduction::mean},
                                        {"sum", LossReduction::sum},
                                        {"none", LossReduction::none}})
    for (const double smoothing : {0.0, 0.3})
      for (const bool weighted : {false, true}) {
        const CrossEntropyOptions options{
            .reduction = reduction, .ignore_index = 1, .label_smoothing = smoothing};
        const auto loss = [=](const Inputs& x) {
          const Device device = x[0].device();
          const Tensor weight =
              weighted ? tensor({0.5, 2.0, 1.0}, {3}, {.dtype = float64, .device = device})
                       : Tensor();
          return cross_entropy(x[0].t(), tensor<int64_t>({0, 2, 1, 2}).to(device), weight, options);
        };
        all.push_back({std::string("cross_entropy ") + name + (smoothing > 0 ? " smoothed" : "") +
                           (weighted ? " weighted" : ""),
                       loss,
                       {{3, 4}},
                       -2,
                       2});
      }
  return all;
}

const DerivativeCases cases(cross_entropies());

}  // namespace
}  // namespace cuttle::test
