// Whole trajectories of SGD against PyTorch's (tests/golden/generate_optim.py): every variant, both
// floating-point types, every value after every step.
#include <cuttle/optim/sgd.h>

#include <algorithm>

#include "patterns.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using nlohmann::json;

/// Plays one variant of the golden file as generate_optim.py did.
class Replay {
 public:
  Replay(const json& shapes, const json& variant, const TensorOptions& options)
      : variant_(variant), options_(options) {
    for (const json& shape : shapes) {
      const auto p = static_cast<int64_t>(params_.size());
      params_.push_back(initial_value(p, Shape(shape.get<std::vector<int64_t>>()), options));
      params_.back().requires_grad_();
    }
  }

  SGD make_optimizer() const {
    std::vector<SGD::ParamGroup> groups;
    for (const json& described : variant_["groups"]) {
      SGD::ParamGroup group;
      for (const json& p : described["params"]) group.params.push_back(params_[p.get<size_t>()]);
      group.options = {.lr = described["lr"].get<double>(),
                       .momentum = described.value("momentum", 0.0),
                       .dampening = described.value("dampening", 0.0),
                       .weight_decay = described.value("weight_decay", 0.0),
                       .nesterov = described.value("nesterov", false),
                       .maximize = described.value("maximize", false)};
      groups.push_back(group);
    }
    return SGD(groups);
  }

  /// Changes of options that are due before step s.
  void change_options(SGD& optimizer, int64_t s) const {
    const std::string key = std::to_string(s);
    for (size_t group = 0; group < optimizer.group_count(); ++group) {
      if (variant_.contains("lr_at") && variant_["lr_at"].contains(key))
        optimizer.set_lr(variant_["lr_at"][key].get<double>(), group);
      if (variant_.contains("momentum_at") && variant_["momentum_at"].contains(key))
        optimizer.options(group).momentum = variant_["momentum_at"][key].get<double>();
    }
  }

  void set_gradients(int64_t s) {
    for (size_t p = 0; p < params_.size(); ++p) {
      const auto number = static_cast<int64_t>(p);
      const json without = variant_.value("without_gradient", json::array());
      const bool missing =
          std::find(without.begin(), without.end(), json::array({s, number})) != without.end();
      params_[p].set_grad(missing ? Tensor()
                                  : gradient_at(number, s, params_[p].shape(), options_));
    }
  }

  std::vector<double> values() const {
    std::vector<double> all;
    for (const Tensor& param : params_)
      for (const double value : param.to_vector<double>()) all.push_back(value);
    return all;
  }

 private:
  const json& variant_;
  TensorOptions options_;
  std::vector<Tensor> params_;
};

class SgdGolden : public DeviceTest {
 protected:
  // float32: PyTorch's vectorised loops round in another order; 20 steps of at most one unit in the
  // last place of values near 4.
  void check(DType dtype, double tolerance) {
    const json golden = load_golden("sgd.json");
    ASSERT_EQ(golden["variants"].size(), 12u);
    for (const json& variant : golden["variants"]) {
      const auto name = variant["name"].get<std::string>();
      const auto expected = variant[std::string(dtype_name(dtype))].get<std::vector<double>>();
      Replay replay(golden["shapes"], variant, {.dtype = dtype, .device = device()});
      SGD optimizer = replay.make_optimizer();
      size_t begin = 0;
      for (int64_t s = 0; s < golden["steps"].get<int64_t>(); ++s) {
        replay.change_options(optimizer, s);
        replay.set_gradients(s);
        optimizer.step();
        const std::vector<double> values = replay.values();
        ASSERT_LE(begin + values.size(), expected.size()) << name;
        const auto first = expected.begin() + static_cast<std::ptrdiff_t>(begin);
        const std::vector<double> now(first, first + static_cast<std::ptrdiff_t>(values.size()));
        expect_near(values, now, tolerance, tolerance, name + " after step " + std::to_string(s));
        begin += values.size();
      }
      EXPECT_EQ(begin, expected.size()) << name;
    }
  }
};
CUTTLE_INSTANTIATE_DEVICES(SgdGolden);

TEST_P(SgdGolden, Float32) {
  check(float32, 3e-6);
}
TEST_P(SgdGolden, Float64) {
  check(float64, 1e-14);
}

}  // namespace
}  // namespace cuttle::test
