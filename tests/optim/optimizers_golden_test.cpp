// Whole trajectories of all optimizers but SGD against PyTorch's
// (tests/golden/generate_optimizers.py): every option, both floating-point types, every value after
// every step.
#include <cuttle/core/creation.h>
#include <cuttle/optim/adam.h>
#include <cuttle/optim/adaptive.h>
#include <cuttle/optim/sgd.h>

#include "patterns.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using nlohmann::json;

/// The rule's options from PyTorch's names; Error for one that is not read.
template <class Rule>
typename Rule::Options options_of(const json& described) {
  typename Rule::Options options;
  size_t read = 0;
  Rule::for_each_option(options, [&]<class T>(const std::string& name, T& field) {
    const size_t dot = name.find('.');
    const std::string key = name.substr(0, dot);
    if (!described.contains(key)) return;
    const json& value = described[key];
    if (dot == std::string::npos) {
      field = value.get<T>();
      ++read;
    } else {
      const size_t at = name.back() == '0' ? 0 : 1;
      field = value[at].get<T>();
      read += at;
    }
  });
  EXPECT_EQ(read, described.size()) << described;
  return options;
}

class OptimizersGolden : public DeviceTest {
 protected:
  /// Plays the variant with its optimizer, a new one from the other's state in the middle.
  template <class O, class Rule>
  void play(const json& golden, const json& variant, DType dtype, double tolerance) {
    const std::string name = variant["optimizer"].get<std::string>() + variant["options"].dump();
    const TensorOptions options = {.dtype = dtype, .device = device()};
    std::vector<Tensor> params;
    for (const json& shape : golden["shapes"])
      params.push_back(initial_value(static_cast<int64_t>(params.size()),
                                     Shape(shape.get<std::vector<int64_t>>()), options)
                           .requires_grad_());
    auto optimizer = std::make_unique<O>(params, options_of<Rule>(variant["options"]));
    const auto expected = variant[std::string(dtype_name(dtype))].get<std::vector<double>>();
    size_t at = 0;
    for (int64_t s = 0; s < golden["steps"].get<int64_t>(); ++s) {
      if (s == 5) {
        auto resumed = std::make_unique<O>(params, options_of<Rule>(variant["options"]));
        resumed->load_state_dict(optimizer->state_dict());
        optimizer = std::move(resumed);
      }
      for (size_t p = 0; p < params.size(); ++p)
        params[p].set_grad(gradient_at(static_cast<int64_t>(p), s, params[p].shape(), options));
      optimizer->step();
      for (const Tensor& param : params)
        for (const double value : param.detach().template to_vector<double>()) {
          ASSERT_LT(at, expected.size());
          ASSERT_NEAR(value, expected[at], tolerance * (1 + std::abs(expected[at])))
              << name << " after step " << s;
          ++at;
        }
    }
    EXPECT_EQ(at, expected.size());
  }

  void check(DType dtype, double tolerance) {
    const json golden = load_golden("optimizers.json");
    size_t played = 0;
    const auto of = [&]<class O, class Rule>(const char* name) {
      for (const json& variant : golden["variants"]) {
        if (variant["optimizer"] != name) continue;
        play<O, Rule>(golden, variant, dtype, tolerance);
        ++played;
      }
    };
    of.template operator()<Adam, kernels::AdamRule>("Adam");
    of.template operator()<AdamW, kernels::AdamWRule>("AdamW");
    of.template operator()<NAdam, kernels::NAdamRule>("NAdam");
    of.template operator()<RAdam, kernels::RAdamRule>("RAdam");
    of.template operator()<Adamax, kernels::AdamaxRule>("Adamax");
    of.template operator()<RMSprop, kernels::RMSpropRule>("RMSprop");
    of.template operator()<Adagrad, kernels::AdagradRule>("Adagrad");
    of.template operator()<Adadelta, kernels::AdadeltaRule>("Adadelta");
    of.template operator()<Lion, kernels::LionRule>("Lion");
    EXPECT_EQ(played, golden["variants"].size());
  }
};
CUTTLE_INSTANTIATE_DEVICES(OptimizersGolden);

// PyTorch rounds in another order; ten steps of values near 1, some of a quotient of two sums.
TEST_P(OptimizersGolden, Float32) {
  check(float32, 1e-5);
}
TEST_P(OptimizersGolden, Float64) {
  check(float64, 1e-12);
}

}  // namespace
}  // namespace cuttle::test
