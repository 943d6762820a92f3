// Tries every operation on every dtype and device, for docs/operations.md: prints a line of JSON
// for each case that bears an operation's name and each device. tools/operations_table.py reads it.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/ops/arithmetic.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/samples.h"
#include "derivative_cases.h"

namespace cuttle::test {
namespace {

constexpr DType kDtypes[] = {float64, float32, float16, bfloat16, int64,
                             int32,   int16,   int8,    uint8,    boolean};

Inputs inputs_of(const DerivativeCase& c, const Device& device, DType dtype) {
  Inputs inputs;
  for (size_t i = 0; i < c.shapes.size(); ++i) {
    Tensor x = sample(c.shapes[i], device, dtype, c.low, c.high, i + 1);
    inputs.push_back(is_floating_point(dtype) ? x.requires_grad_() : x);
  }
  return inputs;
}

// Σ y² of those that require a gradient.
Tensor squares(const Inputs& tensors) {
  Tensor total;
  for (const Tensor& y : tensors) {
    if (!y.defined() || !y.requires_grad()) continue;
    const Tensor part = (y * y).sum();
    total = total.defined() ? total + part : part;
  }
  return total;
}

// How often the results can be differentiated: 0, 1 or 2 times.
int differentiable(const Inputs& inputs, const Inputs& results) {
  const Tensor first = squares(results);
  if (!first.defined()) return 0;
  const Inputs gradients = grad(first, inputs, {}, {.create_graph = true, .allow_unused = true});
  try {
    const Tensor second = squares(gradients);
    if (!second.defined()) return 1;
    (void)grad(second, inputs, {}, {.allow_unused = true});
  } catch (const Error&) {
    return 1;  // recorded once
  }
  return 2;
}

// `differences`: whether derivatives_test.cpp compares its derivatives with finite differences.
nlohmann::json probe(const DerivativeCase& c, const Device& device, bool differences) {
  nlohmann::json line = {{"operation", c.name},
                         {"device", device.is_cpu() ? "cpu" : "cuda"},
                         {"differences", differences}};
  line["gives"] = line["refuses"] = line["derivatives"] = nlohmann::json::object();
  for (const DType dtype : kDtypes) {
    const std::string name(dtype_name(dtype));
    const Inputs inputs = inputs_of(c, device, dtype);
    try {
      const Inputs results = c.function(inputs);
      line["gives"][name] = dtype_name(results.at(0).dtype());
      if (is_floating_point(dtype)) line["derivatives"][name] = differentiable(inputs, results);
    } catch (const Error& error) {
      line["refuses"][name] = error.what();
    }
  }
  return line;
}

}  // namespace
}  // namespace cuttle::test

int main() {
  using namespace cuttle;
  using namespace cuttle::test;
  std::vector<Device> devices = {Device()};
  if (cuda::is_available()) devices.emplace_back("cuda");
  std::set<std::string> seen;
  const auto probe_all = [&](const std::vector<DerivativeCase>& cases, bool differences) {
    for (const DerivativeCase& c : cases) {
      if (c.name.find(' ') != std::string::npos || !seen.insert(c.name).second) continue;
      for (const Device& device : devices) std::cout << probe(c, device, differences) << "\n";
    }
  };
  probe_all(DerivativeCases::all(), true);
  probe_all(ConstantCases::all(), false);
}
