// Muon: trajectories and momenta against PyTorch's (tests/golden/generate_muon.py), filters as
// matrices, steps left out, captured steps, and errors.
#include <cuttle/core/captured_step.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda_graph.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/optim/grad_scaler.h>
#include <cuttle/optim/muon.h>

#include <limits>

#include "patterns.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using nlohmann::json;

MuonOptions options_of(const json& described) {
  MuonOptions options;
  options.lr = described.value("lr", options.lr);
  options.weight_decay = described.value("weight_decay", options.weight_decay);
  options.momentum = described.value("momentum", options.momentum);
  options.nesterov = described.value("nesterov", options.nesterov);
  options.ns_coefficients = described.value("ns_coefficients", options.ns_coefficients);
  options.eps = described.value("eps", options.eps);
  options.ns_steps = described.value("ns_steps", options.ns_steps);
  const std::string adjust = described.value("adjust_lr_fn", "original");
  if (adjust == "match_rms_adamw") options.adjust_lr_fn = AdjustLrFn::match_rms_adamw;
  if (adjust == "spectral_unclamped") options.adjust_lr_fn = AdjustLrFn::spectral_unclamped;
  return options;
}

class MuonTest : public DeviceTest {
 protected:
  static std::vector<double> list(const Tensor& x) { return x.detach().to_vector<double>(); }
  Tensor leaf(const Shape& shape, int64_t p = 0, DType dtype = float32) const {
    return initial_value(p, shape, {.dtype = dtype, .device = device()}).requires_grad_();
  }
  Tensor gradient(const Tensor& param, int64_t p, int64_t s) const {
    return gradient_at(p, s, param.shape(), {.dtype = param.dtype(), .device = device()});
  }

  /// Plays the variant, a new optimizer from the other's state in the middle; PyTorch's matrices
  /// with an even number of columns as filters (rows, columns / 2, 2, 1).
  void play(const json& golden, const json& variant, DType dtype, bool as_filters) {
    std::vector<Tensor> params;
    for (const json& shape : golden["shapes"]) {
      const int64_t rows = shape[0], columns = shape[1];
      const bool is_filter = as_filters && columns % 2 == 0;
      params.push_back(leaf(is_filter ? Shape{rows, columns / 2, 2, 1} : Shape{rows, columns},
                            static_cast<int64_t>(params.size()), dtype));
    }
    const MuonOptions options = options_of(variant["options"]);
    auto optimizer = std::make_unique<Muon>(params, options);
    const json& expected = variant[std::string(dtype_name(dtype))];
    // Products are added up in another order before they are rounded to bfloat16, whose steps are
    // 2⁻⁸; a matrix's elements are about 1, times lr and the ratio, which is 0.5 at most.
    const double tolerance = 0.02 * options.lr;
    size_t at = 0;
    for (int64_t s = 0; s < golden["steps"].get<int64_t>(); ++s) {
      if (s == 3) {
        auto resumed = std::make_unique<Muon>(params, 0.5);
        resumed->load_state_dict(optimizer->state_dict());
        optimizer = std::move(resumed);
      }
      for (size_t p = 0; p < params.size(); ++p)
        params[p].set_grad(gradient(params[p], static_cast<int64_t>(p), s));
      optimizer->step();
      for (const Tensor& param : params)
        for (const double value : list(param))
          ASSERT_NEAR(value, expected["values"].at(at++).get<double>(),
                      tolerance * static_cast<double>(s + 1))
              << variant["options"] << " after step " << s;
    }
    EXPECT_EQ(at, expected["values"].size());
    std::vector<double> momenta;
    for (size_t p = 0; p < params.size(); ++p)
      for (const double value :
           list(optimizer->state_dict().at("state." + std::to_string(p) + ".momentum_buffer")))
        momenta.push_back(value);
    expect_near(momenta, expected["momenta"].get<std::vector<double>>(),
                dtype == float32 ? 1e-6 : 1e-15, 0, variant["options"].dump());
  }
};
CUTTLE_INSTANTIATE_DEVICES(MuonTest);

TEST_P(MuonTest, FollowsPyTorch) {
  const json golden = load_golden("muon.json");
  for (const json& variant : golden["variants"]) {
    play(golden, variant, float32, /*as_filters=*/false);
    play(golden, variant, float64, /*as_filters=*/true);
  }
}

TEST_P(MuonTest, TakesFiltersInAnyLayout) {
  Tensor rows = leaf({4, 3, 3, 3});
  Tensor channels_last = rows.detach().contiguous(MemoryFormat::channels_last).requires_grad_();
  ASSERT_NE(channels_last.strides()[1], rows.strides()[1]);
  Muon first({rows}, 0.1), second({channels_last}, 0.1);
  for (int64_t s = 0; s < 3; ++s) {
    rows.set_grad(gradient(rows, 0, s));
    channels_last.set_grad(gradient(rows, 0, s));
    first.step();
    second.step();
  }
  EXPECT_EQ(list(rows), list(channels_last));
}

TEST_P(MuonTest, LeavesStepsOut) {
  Tensor w = leaf({3, 8}), v = leaf({3, 8});
  Muon scaled({w}, 0.1), plain({v}, 0.1);
  GradScaler scaler({.init_scale = 4});
  const Tensor factor = full({}, 1, {.device = device()});
  const Tensor x = gradient(w, 0, 0);
  for (const double by : {1.0, std::numeric_limits<double>::infinity(), 1.0}) {
    scaled.zero_grad();
    scaler.scale((w * x * factor * by).sum()).backward();
    scaler.step(scaled);
    scaler.update();
    if (by != 1) continue;
    v.set_grad(x);
    plain.step();
  }
  EXPECT_EQ(list(w), list(v));
}

TEST_P(MuonTest, ACapturedStepIsAnEagerOne) {
  const std::vector<Tensor> eager = {leaf({4, 6}, 0), leaf({3, 2, 3}, 1), leaf({4, 6}, 2)};
  const std::vector<Tensor> captured = {leaf({4, 6}, 0), leaf({3, 2, 3}, 1), leaf({4, 6}, 2)};
  Muon first(eager, 0.1), second(captured, 0.1);
  const auto step_of = [](const std::vector<Tensor>& params, Muon& optimizer) {
    return [&](const Tensor& x) {
      optimizer.zero_grad();
      for (const Tensor& w : params)
        (w.flatten() * x.narrow(0, 0, w.numel())).square().sum().backward();
      optimizer.step();
    };
  };
  const auto eagerly = step_of(eager, first);
  CapturedStep step(step_of(captured, second));
  for (int64_t i = 0; i < 7; ++i) {
    for (Muon* each : {&first, &second}) {
      each->set_lr(0.1 / static_cast<double>(i + 1));
      if (i == 4) each->options().momentum = 0.5;
      if (i == 5) each->options().adjust_lr_fn = AdjustLrFn::match_rms_adamw;
    }
    if (i == 6) second.load_state_dict(first.state_dict());
    const Tensor x = gradient_at(0, i, {24}, {.dtype = float32, .device = device()});
    eagerly(x);
    step(x);
    for (size_t p = 0; p < eager.size(); ++p) ASSERT_EQ(list(eager[p]), list(captured[p])) << i;
  }
  if (!device().is_cuda()) return;
  second.options().ns_steps = 4;
  EXPECT_EQ(error_of([&] { step(zeros({24}, {.device = device()})); }),
            "Muon: nesterov, ns_coefficients, eps or ns_steps was changed after the step was "
            "captured into a CUDA graph, which follows the other options alone; capture the step "
            "again");
}

TEST_P(MuonTest, SaysWhatItCannotDo) {
  const auto with = [&](const MuonOptions& options) {
    return error_of([&] { Muon wrong({leaf({2, 2})}, options); });
  };
  EXPECT_EQ(error_of([&] {
              Muon wrong({leaf({2, 2}), leaf({5})});
            }),
            "Muon: parameter 1 of a group has shape [5], expected a matrix, or filters (out, …); "
            "give vectors and numbers to another optimizer, such as AdamW or SGD");
  EXPECT_EQ(with({.lr = -1}), "Muon: lr must be 0 or more, got -1");
  EXPECT_EQ(with({.weight_decay = -1}), "Muon: weight_decay must be 0 or more, got -1");
  EXPECT_EQ(with({.ns_steps = 100}), "Muon: ns_steps must be a whole number from 0 to 99, got 100");
  Muon muon({leaf({2, 2})});
  EXPECT_EQ(error_of([&] { muon.set_option("adjust_lr_fn", 3, 0); }),
            "Muon: adjust_lr_fn must be 0 (original), 1 (match_rms_adamw) or 2 "
            "(spectral_unclamped), got 3");
  EXPECT_EQ(muon.option("ns_coefficients.1", 0), -4.775);
  Muon empty_ones({leaf({0, 3}), leaf({3, 0})});
  for (size_t p = 0; p < 2; ++p) {
    Tensor param = empty_ones.parameters(0)[p];
    param.set_grad(zeros_like(param.detach()));
  }
  empty_ones.step();
}

}  // namespace
}  // namespace cuttle::test
