// Runs the cases that tests/golden/cases.py writes: inputs by its formula, results and gradients
// compared with PyTorch's, and the gradients' own derivatives with finite differences.
#pragma once

#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "golden_values.h"
#include "support/golden.h"

namespace cuttle::test {

using Inputs = std::vector<Tensor>;
/// An operation by its arguments in the file.
using GoldenFunction = std::function<Inputs(const Inputs&, const nlohmann::json&)>;
using GoldenFunctions = std::map<std::string, GoldenFunction>;

/// cases.py's values().
inline Tensor golden_sample(const Shape& shape, DType dtype, int64_t seed, const Device& device) {
  std::vector<double> values;
  for (int64_t i = 0; i < shape.numel(); ++i) {
    const int64_t k = (i * 37 + seed * 11) % 17;
    values.push_back(is_floating_point(dtype) ? static_cast<double>(k - 8) / 4
                     : dtype == boolean       ? static_cast<double>(k % 2)
                     : dtype == uint8         ? static_cast<double>(k)
                                              : static_cast<double>(k - 8));
  }
  return tensor(values, shape).to(dtype).to(device);
}

/// cases.py's edges().
inline Tensor golden_edges(const Shape& shape, DType dtype, int64_t seed, const Device& device) {
  std::vector<double> all = {NAN, 1.75, -INFINITY, -0.0, 5e-324, -2.5, INFINITY, 0x1p500};
  if (!is_floating_point(dtype)) {
    const int bits = 8 * static_cast<int>(element_size(dtype)) - (dtype == uint8 ? 0 : 1);
    const double above = std::ldexp(1, bits);
    all = {bits == 63 ? above / 2 : above - 1, dtype == uint8 ? 0 : -above, 0, 1, 3};
  }
  std::vector<double> values;
  for (int64_t i = 0; i < shape.numel(); ++i)
    values.push_back(all[static_cast<size_t>(i + seed) % all.size()]);
  return tensor(values, shape, {.dtype = dtype}).to(device);
}

/// cases.py's tensor(): [shape, dtype, layout, seed].
inline Tensor golden_input(const nlohmann::json& spec, const Device& device) {
  Shape shape = shape_of(spec[0]);
  const DType dtype = dtype_from_name(spec[1].get<std::string>());
  const auto layout = spec[2].get<std::string>();
  const auto seed = spec[3].get<int64_t>();
  if (layout == "transposed") {
    Shape reversed;
    std::vector<int64_t> order;
    for (int d = shape.size() - 1; d >= 0; --d) {
      reversed.push_back(shape[d]);
      order.push_back(d);
    }
    return golden_sample(reversed, dtype, seed, device).permute(order);
  }
  if (layout == "sliced") {
    const int64_t end = 2 * shape.back() + 1;
    shape[shape.size() - 1] = end;
    return golden_sample(shape, dtype, seed, device).slice(-1, 1, end, 2);
  }
  if (layout == "expanded") {
    Shape single = shape;
    single[0] = 1;
    return golden_sample(single, dtype, seed, device).expand(shape);
  }
  if (layout == "edges") return golden_edges(shape, dtype, seed, device);
  const Tensor x = golden_sample(shape, dtype, seed, device);
  return layout == "channels_last" ? x.contiguous(MemoryFormat::channels_last) : x;
}

inline Inputs golden_inputs(const nlohmann::json& c, const Device& device) {
  Inputs inputs;
  for (const auto& spec : c["in"]) {
    Tensor x = golden_input(spec, device);
    if (c.contains("grads") && x.dtype() == float64) x.requires_grad_();
    inputs.push_back(x);
  }
  return inputs;
}

/// Σ out · weights, of which cases.py stores the gradients.
inline Tensor golden_total(const Inputs& out, const Device& device) {
  Tensor total;
  for (size_t k = 0; k < out.size(); ++k) {
    if (!out[k].requires_grad()) continue;
    const Tensor weights =
        golden_sample(out[k].shape(), float64, static_cast<int64_t>(5 + k), device);
    const Tensor part = (out[k] * weights.to(out[k].dtype())).sum();
    total = total.defined() ? total + part : part;
  }
  return total;
}

inline std::vector<Tensor> leaves_of(const Inputs& inputs) {
  std::vector<Tensor> leaves;
  for (const Tensor& x : inputs)
    if (x.requires_grad()) leaves.push_back(x);
  return leaves;
}

/// A few roundings of the dtype.
inline double golden_tolerance(DType dtype) {
  return dtype == bfloat16 ? 1e-2 : dtype == float16 ? 1e-3 : dtype == float64 ? 1e-12 : 1e-6;
}

inline void expect_golden(const nlohmann::json& c, const GoldenFunction& f, const Device& device) {
  const Inputs inputs = golden_inputs(c, device);
  if (c.contains("error")) {
    EXPECT_THROW((void)f(inputs, c["args"]), Error) << c;
    return;
  }
  const std::string what = nlohmann::json{{c["op"], c["in"], c["args"]}}.dump();
  const Inputs out = f(inputs, c["args"]);
  ASSERT_EQ(out.size(), c["out"].size()) << what;
  for (size_t k = 0; k < out.size(); ++k) {
    const auto& expected = c["out"][k];
    ASSERT_EQ(out[k].shape(), shape_of(expected["shape"])) << what;
    ASSERT_EQ(dtype_name(out[k].dtype()), expected["dtype"].get<std::string>()) << what;
    const double tolerance = golden_tolerance(out[k].dtype());
    expect_same(out[k], numbers(expected["values"]), tolerance, tolerance, what);
  }
  if (!c.contains("grads")) return;
  const auto leaves = leaves_of(inputs);
  const auto gradients = grad(golden_total(out, device), leaves);
  ASSERT_EQ(gradients.size(), c["grads"].size()) << what;
  for (size_t i = 0; i < gradients.size(); ++i) {
    ASSERT_EQ(gradients[i].shape(), leaves[i].shape()) << what;
    expect_same(gradients[i], numbers(c["grads"][i]), 1e-12, 1e-12, what + " gradient");
  }
}

/// Runs every case of the file.
inline void expect_all_golden(const std::string& file, const GoldenFunctions& functions,
                              const Device& device) {
  const nlohmann::json cases = load_golden(file);
  ASSERT_GT(cases.size(), functions.size());
  for (const auto& c : cases) expect_golden(c, functions.at(c["op"].get<std::string>()), device);
}

/// Gradchecks the gradients of Σ out² that grad(create_graph = true) gives for up to `most` small
/// cases of each operation.
inline void expect_second_derivatives(const std::string& file, const GoldenFunctions& functions,
                                      const Device& device, int most = 3) {
  std::map<std::string, int> seen;
  for (const auto& c : load_golden(file)) {
    const auto op = c["op"].get<std::string>();
    const Inputs inputs = golden_inputs(c, device);
    int64_t numel = 0;
    for (const Tensor& x : inputs) numel += x.numel();
    const bool edges = std::any_of(c["in"].begin(), c["in"].end(),
                                   [](const auto& in) { return in[2] == "edges"; });
    if (!c.contains("grads") || edges || numel == 0 || numel > 12 || seen[op]++ >= most) continue;
    const auto first = [&](const Inputs& given) {
      const GradMode on(true);  // finite differences are taken without recording
      Inputs x;
      for (const Tensor& t : given)
        x.push_back(t.requires_grad() || t.dtype() != float64 ? t : t.detach().requires_grad_());
      Tensor squares;
      for (const Tensor& y : functions.at(op)(x, c["args"])) {
        const Tensor part = (y * y * y).sum();
        squares = squares.defined() ? squares + part : part;
      }
      Tensor total;
      for (const Tensor& g : grad(squares, leaves_of(x), {}, {.create_graph = true}))
        total = total.defined() ? total + (g * g).sum() : (g * g).sum();
      return total;
    };
    Inputs own;
    for (const Tensor& x : inputs) {
      Tensor copy = x.detach().clone();
      if (x.requires_grad()) copy.requires_grad_();
      own.push_back(copy);
    }
    const auto result = gradcheck(first, own, {.step = 1e-5, .atol = 1e-3});
    EXPECT_TRUE(result) << c["op"] << c["in"] << c["args"] << ": " << result.message;
  }
  EXPECT_FALSE(seen.empty());
}

}  // namespace cuttle::test
