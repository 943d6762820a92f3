// Layers of sequences against PyTorch: the cases that tests/golden/generate_attention.py and
// generate_recurrent.py write, with the same seed, and the same order of construction and draws.
#pragma once

#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/layers/module.h>

#include <bit>
#include <functional>
#include <string>
#include <vector>

#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {

using Tensors = std::vector<Tensor>;

/// A layer and what is called on it.
struct GoldenLayer {
  std::shared_ptr<Module> layer;
  std::function<Tensors(const Tensors& inputs)> call;
};

/// Multiples of a quarter, by the generators' formula.
inline Tensor golden_weights(const Tensor& like) {
  std::vector<double> values;
  for (int64_t i = 0; i < like.numel(); ++i)
    values.push_back(static_cast<double>((i * 37 + 55) % 17 - 8) / 4);
  return tensor(values, like.shape()).to(like.device());
}

inline void expect_initial_bits(const Module& layer, const nlohmann::json& expected,
                                const std::string& what) {
  const auto parameters = layer.named_parameters();
  ASSERT_EQ(parameters.size(), expected.size()) << what;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const auto& [name, parameter] = parameters[i];
    EXPECT_EQ(name, expected[i][0].get<std::string>()) << what;
    const auto values = parameter.to_vector<float>();
    for (size_t k = 0; k < expected[i][1].size(); ++k) {
      const auto bits = expected[i][1][k].get<int32_t>();
      if (name == "bias_k" || name == "bias_v")  // normal: another library's logarithm and cosine
        EXPECT_NEAR(values[k], std::bit_cast<float>(bits), 1e-6) << what << " " << name;
      else
        EXPECT_EQ(std::bit_cast<int32_t>(values[k]), bits) << what << " " << name;
    }
  }
}

/// make() is called under the seed; the file has 12 digits of each number.
inline void expect_layer_golden(const nlohmann::json& c, const std::function<GoldenLayer()>& make,
                                const Device& device) {
  const auto what = c["name"].get<std::string>();
  manual_seed(3);
  const auto [layer, call] = make();
  expect_initial_bits(*layer, c["first_bits"], what);
  EXPECT_EQ(layer->str(), c["printed"].get<std::string>());
  Tensors inputs;
  for (const auto& shape : c["in"])
    inputs.push_back((rand(Shape(shape.get<std::vector<int64_t>>())) - 0.5)
                         .to(device, float64)
                         .detach()
                         .requires_grad_());
  layer->to(device, float64);
  const Tensors outputs = call(inputs);
  ASSERT_EQ(outputs.size(), c["out"].size()) << what;
  Tensor total;
  for (size_t k = 0; k < outputs.size(); ++k) {
    const auto& expected = c["out"][k];
    ASSERT_EQ(outputs[k].shape(), Shape(expected["shape"].get<std::vector<int64_t>>())) << what;
    expect_near(outputs[k], expected["values"].get<std::vector<double>>(), 1e-11, 1e-11,
                what + " output");
    const Tensor part = (outputs[k] * golden_weights(outputs[k])).sum();
    total = total.defined() ? total + part : part;
  }
  total.backward();
  for (size_t i = 0; i < inputs.size(); ++i)
    expect_near(inputs[i].grad(), c["grads"][i].get<std::vector<double>>(), 1e-10, 1e-10,
                what + " gradient");
  std::vector<double> sums;
  for (const Tensor& parameter : layer->parameters())
    sums.push_back((parameter.grad() * golden_weights(parameter)).sum().item());
  expect_near(sums, c["parameter_sums"].get<std::vector<double>>(), 1e-10, 1e-10,
              what + " parameters");
}

}  // namespace cuttle::test
