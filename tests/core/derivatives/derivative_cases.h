// The table of functions whose derivatives derivatives_test.cpp checks on every device. Each file
// of this folder adds those of one family:
//     const DerivativeCases cases({{"mul", [](const Inputs& x) { return x[0] * x[1]; }, {{3},
//     {3}}}});
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
};

/// At namespace scope, adds cases to the table.
class DerivativeCases {
 public:
  explicit DerivativeCases(const std::vector<DerivativeCase>& cases) {
    all().insert(all().end(), cases.begin(), cases.end());
  }
  static std::vector<DerivativeCase>& all() {
    static std::vector<DerivativeCase> table;
    return table;
  }
};

}  // namespace cuttle::test
