// Normalisation layers against PyTorch (tests/golden/generate_normalization.py): printed form,
// state, three training steps and evaluation, from the same seeds.
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/layers/normalization/batch_norm.h>
#include <cuttle/layers/normalization/group_norm.h>
#include <cuttle/layers/normalization/instance_norm.h>
#include <cuttle/layers/normalization/layer_norm.h>
#include <cuttle/layers/sequential.h>

#include <functional>
#include <map>

#include "layers/models.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using nlohmann::json;
using Values = std::vector<double>;

const std::map<std::string, std::function<AnyModule()>>& makers() {
  static const std::map<std::string, std::function<AnyModule()>> all = {
      {"batch_norm1d", [] { return BatchNorm1d(3); }},
      {"batch_norm1d_lines", [] { return BatchNorm1d(4, {.eps = 1e-3, .momentum = 0.25}); }},
      {"batch_norm2d", [] { return BatchNorm2d(4); }},
      {"batch_norm3d", [] { return BatchNorm3d(2); }},
      {"batch_norm2d_channels_last", [] { return BatchNorm2d(4); }},
      {"batch_norm2d_cumulative", [] { return BatchNorm2d(4, {.momentum = {}}); }},
      {"batch_norm2d_no_affine", [] { return BatchNorm2d(4, {.affine = false}); }},
      {"batch_norm2d_no_tracking", [] { return BatchNorm2d(4, {.track_running_stats = false}); }},
      {"layer_norm", [] { return LayerNorm(3); }},
      {"layer_norm_two_dims",
       [] {
         return LayerNorm({4, 3}, {.eps = 1e-3});
       }},
      {"layer_norm_no_affine", [] { return LayerNorm(3, {.elementwise_affine = false}); }},
      {"layer_norm_no_bias", [] { return LayerNorm(3, {.bias = false}); }},
      {"rms_norm", [] { return RMSNorm(3); }},
      {"rms_norm_eps", [] { return RMSNorm(3, {.eps = 0.01}); }},
      {"group_norm", [] { return GroupNorm(2, 4); }},
      {"group_norm_channels_last", [] { return GroupNorm(2, 4); }},
      {"group_norm_rows", [] { return GroupNorm(1, 3, {.eps = 0.1, .affine = false}); }},
      {"instance_norm1d", [] { return InstanceNorm1d(4); }},
      {"instance_norm1d_unbatched", [] { return InstanceNorm1d(4, {.affine = true}); }},
      {"instance_norm2d",
       [] { return InstanceNorm2d(4, {.affine = true, .track_running_stats = true}); }},
      {"instance_norm3d", [] { return InstanceNorm3d(2, {.affine = true}); }},
      {"local_response_norm", [] { return LocalResponseNorm(3); }},
      {"local_response_norm_even",
       [] { return LocalResponseNorm(2, {.alpha = 0.5, .beta = 1.5, .k = 2}); }},
  };
  return all;
}

class NormalizationGolden : public DeviceTest {
 protected:
  /// One step with newly drawn numbers; compared with `expected` where that is given.
  void step(Module& layer, const json& c, const json* expected) {
    const auto name = c["name"].get<std::string>();
    const Shape shape(c["shape"].get<std::vector<int64_t>>());
    Tensor x = (4 * rand(shape) - 1).to(device(), float64);
    if (c["layout"] == "channels_last") x = x.contiguous(MemoryFormat::channels_last);
    x = x.detach().requires_grad_();
    layer.zero_grad();
    const Tensor y = layer(x);
    ASSERT_EQ(y.shape(), shape) << name;
    (y * rand(y.shape()).to(device(), float64)).sum().backward();
    if (expected == nullptr) return;
    const double tolerance = 1e-11;  // of sums that cancel, in another order than PyTorch's
    expect_near(y, (*expected)["output"].get<Values>(), tolerance, tolerance, name + " output");
    expect_near(x.grad(), (*expected)["input_grad"].get<Values>(), tolerance, tolerance,
                name + " dx");
    for (const auto& [parameter_name, parameter] : layer.named_parameters())
      expect_near(parameter.grad(), (*expected)["parameter_grads"][parameter_name].get<Values>(),
                  tolerance, tolerance, name + " " + parameter_name);
  }
};
CUTTLE_INSTANTIATE_DEVICES(NormalizationGolden);

TEST_P(NormalizationGolden, TrainingStateAndEvaluation) {
  const json cases = load_golden("normalization.json");
  ASSERT_EQ(cases.size(), makers().size());
  for (const json& c : cases) {
    const auto name = c["name"].get<std::string>();
    manual_seed(7);
    const std::shared_ptr<Module> layer = makers().at(name)().get();
    const auto printed = c["printed"].get<std::string>();
    EXPECT_EQ(layer->str(), printed);
    {
      const NoGradGuard no_grad;
      for (Tensor& parameter : layer->parameters()) parameter.copy_(rand(parameter.shape()) + 0.5);
    }
    layer->to(device(), float64);
    step(*layer, c, nullptr);
    step(*layer, c, nullptr);
    step(*layer, c, &c["training"]);
    const StateDict state = layer->state_dict();
    size_t count = 0;
    for (const auto& [key, tensor] : state) {
      ASSERT_TRUE(c["state"].contains(key)) << name << " " << key;
      expect_near(tensor, c["state"][key].get<Values>(), 1e-12, 1e-12, name + " " + key);
      ++count;
    }
    EXPECT_EQ(count, c["state"].size()) << name;
    layer->eval();
    step(*layer, c, &c["eval"]);
  }
}

}  // namespace
}  // namespace cuttle::test
