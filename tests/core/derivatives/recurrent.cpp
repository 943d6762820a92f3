// Derivatives of recurrent layers: each cell, both directions, packed batches, a projection.
#include <cuttle/core/ops/recurrent/recurrent.h>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

std::vector<DerivativeCase> recurrent_layers() {
  std::vector<DerivativeCase> all;
  for (const auto& [name, kind] : {std::pair{"rnn_tanh", CellKind::rnn_tanh},
                                   {"lstm", CellKind::lstm},
                                   {"gru", CellKind::gru}})
    for (const bool reverse : {false, true}) {
      const int64_t hidden =
          kind == CellKind::rnn_tanh ? 2 : 1;  // as many numbers as are quickly done
      const int64_t rows = kernels::gates_of(kind) * hidden;
      const auto function = [=](const Inputs& x) -> Inputs {
        RecurrentState start{x[5], {}};
        if (kind == CellKind::lstm) start.c = x[6];
        const RecurrentResult result =
            recurrent_layer(kind, x[0], {2, 1}, reverse, start, {x[1], x[2], x[3], x[4]});
        Inputs results{result.output, result.last.h};
        if (result.last.c.defined()) results.push_back(result.last.c);
        return results;
      };
      DerivativeCase c{std::string(name) + (reverse ? " reverse" : ""),
                       function,
                       {{3, 1}, {rows, 1}, {rows, hidden}, {rows}, {rows}, {2, hidden}},
                       -0.5,
                       0.5};
      if (kind == CellKind::lstm) c.shapes.push_back({2, hidden});
      all.push_back(c);
    }
  const auto projected = [](const Inputs& x) -> Inputs {
    const RecurrentResult result = recurrent_layer(CellKind::lstm, x[0], {2, 1}, false,
                                                   {x[5], x[6]}, {x[1], x[2], x[3], x[4], x[7]});
    return {result.output, result.last.h, result.last.c};
  };
  all.push_back({"lstm projected",
                 projected,
                 {{3, 1}, {8, 1}, {8, 1}, {8}, {8}, {2, 1}, {2, 2}, {1, 2}},
                 -0.5,
                 0.5});
  return all;
}

const DerivativeCases cases(recurrent_layers());

}  // namespace
}  // namespace cuttle::test
