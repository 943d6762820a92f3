// The table of functions whose derivatives derivatives_test.cpp checks on every device. Each file
// of this folder adds those of one family:
//     const DerivativeCases cases({{"mul", [](const Inputs& x) { return x[0] * x[1]; }, {{3},
//     {3}}}});
// Every public operation has a case of exactly its name, which calls it and nothing else that
// changes dtypes: operations_probe.cpp tries it on every dtype for docs/operations.md.
#pragma once

#include <cuttle/core/gradcheck.h>

#include <string>
#include <vector>

namespace cuttle::test {

using Inputs = std::vector<Tensor>;

/// One function, and what it is tried on: random float64 leaves of these shapes.
struct DerivativeCase {
  std::string name;
  TensorsFunction function;
  std::vector<Shape> shapes;
  double low = 0.5, high = 2;  // of the values
  GradcheckOptions options = {};
  bool once = false;  // refuses to be differentiated twice, which is tested, too
};

/// At namespace scope, adds cases to one of the two tables.
template <bool smooth>
class Cases {
 public:
  explicit Cases(const std::vector<DerivativeCase>& cases) {
    all().insert(all().end(), cases.begin(), cases.end());
  }
  static std::vector<DerivativeCase>& all() {
    static std::vector<DerivativeCase> table;
    return table;
  }
};
using DerivativeCases = Cases<true>;
/// Of operations that have no derivative: their results require no gradient.
using ConstantCases = Cases<false>;

}  // namespace cuttle::test
