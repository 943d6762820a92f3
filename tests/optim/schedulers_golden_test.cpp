// Schedules against PyTorch's learning rates and momenta (tests/golden/generate_schedulers.py),
// each step by step and by jumps; and each stopped in the middle and gone on with from its state.
#include <cuttle/core/creation.h>
#include <cuttle/optim/schedulers/combined.h>
#include <cuttle/optim/schedulers/cosine.h>
#include <cuttle/optim/schedulers/cyclic.h>
#include <cuttle/optim/schedulers/decay.h>
#include <cuttle/optim/schedulers/reduce_lr_on_plateau.h>
#include <cuttle/optim/sgd.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using nlohmann::json;
using Parts = std::vector<std::unique_ptr<LRScheduler>>;  // the last is the whole

template <class S, class Options>
Parts only(SGD& optimizer, const Options& options) {
  Parts parts;
  parts.push_back(std::make_unique<S>(optimizer, options));
  return parts;
}

Parts warm_up(SGD& o) {
  Parts p;
  p.push_back(
      std::make_unique<LinearLR>(o, LinearLROptions{.start_factor = 0.1, .total_iters = 5}));
  p.push_back(std::make_unique<CosineAnnealingLR>(
      o, CosineAnnealingLROptions{.T_max = 10, .eta_min = 0.001}));
  p.push_back(
      std::make_unique<SequentialLR>(o, LRSchedulers{*p[0], *p[1]}, std::vector<int64_t>{5}));
  return p;
}

Parts constant_and_exponential(SGD& o) {
  Parts p;
  p.push_back(std::make_unique<ConstantLR>(o, ConstantLROptions{.factor = 0.1, .total_iters = 2}));
  p.push_back(std::make_unique<ExponentialLR>(o, ExponentialLROptions{.gamma = 0.9}));
  return p;
}

Parts sequence(SGD& o) {
  Parts p = constant_and_exponential(o);
  p.push_back(std::make_unique<SWALR>(o, SWALROptions{.swa_lr = 0.05, .anneal_epochs = 4}));
  p.push_back(std::make_unique<SequentialLR>(o, LRSchedulers{*p[0], *p[1], *p[2]},
                                             std::vector<int64_t>{3, 9}));
  return p;
}

Parts chain(SGD& o) {
  Parts p = constant_and_exponential(o);
  p.push_back(std::make_unique<ChainedScheduler>(LRSchedulers{*p[0], *p[1]}));
  return p;
}

double power(int64_t epoch) {
  return std::pow(0.95, static_cast<double>(epoch));
}
double reciprocal(int64_t epoch) {
  return 1 / (1 + static_cast<double>(epoch));
}
double growing(int64_t epoch) {
  return 0.9 + 0.01 * static_cast<double>(epoch);
}
using Each = std::vector<double>;

const std::map<std::string, Parts (*)(SGD&)> kSchedules{
    {"step", [](SGD& o) { return only<StepLR>(o, StepLROptions{.step_size = 3, .gamma = 0.5}); }},
    {"step_default", [](SGD& o) { return only<StepLR>(o, StepLROptions{.step_size = 6}); }},
    {"multi_step",
     [](SGD& o) {
       return only<MultiStepLR>(o, MultiStepLROptions{.milestones = {9, 2, 5, 5}, .gamma = 0.3});
     }},
    {"exponential",
     [](SGD& o) { return only<ExponentialLR>(o, ExponentialLROptions{.gamma = 0.9}); }},
    {"constant",
     [](SGD& o) {
       return only<ConstantLR>(o, ConstantLROptions{.factor = 0.5, .total_iters = 4});
     }},
    {"constant_default", [](SGD& o) { return only<ConstantLR>(o, ConstantLROptions{}); }},
    {"linear",
     [](SGD& o) {
       return only<LinearLR>(
           o, LinearLROptions{.start_factor = 0.1, .end_factor = 0.8, .total_iters = 7});
     }},
    {"linear_default", [](SGD& o) { return only<LinearLR>(o, LinearLROptions{}); }},
    {"polynomial",
     [](SGD& o) {
       return only<PolynomialLR>(o, PolynomialLROptions{.total_iters = 8, .power = 2});
     }},
    {"polynomial_default", [](SGD& o) { return only<PolynomialLR>(o, PolynomialLROptions{}); }},
    {"lambda", [](SGD& o) { return only<LambdaLR>(o, LRLambda(power)); }},
    {"lambda_each",
     [](SGD& o) {
       return only<LambdaLR>(o, std::vector<LRLambda>{power, reciprocal});
     }},
    {"multiplicative", [](SGD& o) { return only<MultiplicativeLR>(o, LRLambda(growing)); }},
    {"cosine",
     [](SGD& o) {
       return only<CosineAnnealingLR>(o, CosineAnnealingLROptions{.T_max = 5, .eta_min = 0.001});
     }},
    {"cosine_long",
     [](SGD& o) { return only<CosineAnnealingLR>(o, CosineAnnealingLROptions{.T_max = 30}); }},
    {"restarts",
     [](SGD& o) {
       return only<CosineAnnealingWarmRestarts>(o, CosineAnnealingWarmRestartsOptions{.T_0 = 4});
     }},
    {"restarts_longer",
     [](SGD& o) {
       return only<CosineAnnealingWarmRestarts>(
           o, CosineAnnealingWarmRestartsOptions{.T_0 = 3, .T_mult = 2, .eta_min = 0.01});
     }},
    {"swa_cos",
     [](SGD& o) { return only<SWALR>(o, SWALROptions{.swa_lr = 0.05, .anneal_epochs = 7}); }},
    {"swa_linear",
     [](SGD& o) {
       return only<SWALR>(o, SWALROptions{.swa_lr = Each{0.05, 0.03},
                                          .anneal_epochs = 5,
                                          .anneal_strategy = AnnealStrategy::linear});
     }},
    {"swa_at_once",
     [](SGD& o) { return only<SWALR>(o, SWALROptions{.swa_lr = 0.05, .anneal_epochs = 0}); }},
    {"cyclic",
     [](SGD& o) {
       return only<CyclicLR>(o, CyclicLROptions{.base_lr = 0.01, .max_lr = 0.1, .step_size_up = 4});
     }},
    {"cyclic2",
     [](SGD& o) {
       return only<CyclicLR>(o, CyclicLROptions{.base_lr = Each{0.01, 0.02},
                                                .max_lr = Each{0.1, 0.3},
                                                .step_size_up = 3,
                                                .step_size_down = 2,
                                                .mode = CyclicMode::triangular2,
                                                .base_momentum = 0.7,
                                                .max_momentum = 0.95});
     }},
    {"cyclic_exp",
     [](SGD& o) {
       return only<CyclicLR>(o, CyclicLROptions{.base_lr = 0.01,
                                                .max_lr = 0.1,
                                                .step_size_up = 4,
                                                .step_size_down = 6,
                                                .mode = CyclicMode::exp_range,
                                                .gamma = 0.9});
     }},
    {"cyclic_own",
     [](SGD& o) {
       return only<CyclicLR>(o, CyclicLROptions{.base_lr = 0.01,
                                                .max_lr = 0.1,
                                                .step_size_up = 4,
                                                .scale_fn = [](double x) { return 1 / (5 + x); },
                                                .scale_mode = CyclicScaleMode::iterations,
                                                .cycle_momentum = false});
     }},
    {"one_cycle",
     [](SGD& o) {
       return only<OneCycleLR>(o, OneCycleLROptions{.max_lr = 0.5, .total_steps = 20});
     }},
    {"one_cycle_linear",
     [](SGD& o) {
       return only<OneCycleLR>(o, OneCycleLROptions{.max_lr = Each{0.5, 0.2},
                                                    .epochs = 3,
                                                    .steps_per_epoch = 7,
                                                    .pct_start = 0.4,
                                                    .anneal_strategy = AnnealStrategy::linear,
                                                    .base_momentum = 0.8,
                                                    .max_momentum = 0.9,
                                                    .div_factor = 10,
                                                    .final_div_factor = 100});
     }},
    {"one_cycle_three",
     [](SGD& o) {
       return only<OneCycleLR>(
           o, OneCycleLROptions{.max_lr = 0.5, .total_steps = 24, .three_phase = true});
     }},
    {"warm_up", warm_up},
    {"sequence", sequence},
    {"chain", chain},
};

const std::map<std::string, ReduceLROnPlateauOptions> kPlateaus{
    {"plateau", {.patience = 2}},
    {"plateau_max",
     {.mode = PlateauMode::max,
      .factor = 0.5,
      .patience = 3,
      .threshold = 0.05,
      .threshold_mode = ThresholdMode::abs,
      .cooldown = 2,
      .min_lr = Each{0.01, 0.004}}},
    {"plateau_abs",
     {.factor = 0.3,
      .patience = 1,
      .threshold = 0.01,
      .threshold_mode = ThresholdMode::abs,
      .cooldown = 1,
      .eps = 0.001}},
};

SGD make_optimizer() {
  return SGD({{{ones({1}, {.requires_grad = true})}, {.lr = 0.1, .momentum = 0.9}},
              {{ones({1}, {.requires_grad = true})}, {.lr = 0.02, .momentum = 0.9}}});
}

/// What a schedule did to an optimizer.
struct Trace {
  std::vector<double> lrs, momenta;
  void note(const SGD& optimizer) {
    for (const size_t group : {0, 1}) lrs.push_back(optimizer.lr(group));
    momenta.push_back(optimizer.options(0).momentum);
  }
  /// All that happens is a few roundings in float64.
  void expect(const json& golden) const {
    const auto name = golden["name"].get<std::string>();
    expect_near(lrs, golden["lrs"].get<std::vector<double>>(), 1e-15, 1e-12, name);
    const std::vector<double> constant(momenta.size(), 0.9);
    expect_near(momenta, golden.value("momenta", constant), 0, 1e-12, name + "'s momentum");
  }
};

class SchedulersGolden : public ::testing::Test {
 protected:
  const json golden = load_golden("schedulers.json");
  const int64_t steps = golden["steps"].get<int64_t>();
};

TEST_F(SchedulersGolden, StepByStep) {
  EXPECT_EQ(golden["schedules"].size(), kSchedules.size() + kPlateaus.size());
  for (const json& expected : golden["schedules"]) {
    const auto name = expected["name"].get<std::string>();
    if (kPlateaus.contains(name)) continue;
    SGD optimizer = make_optimizer();
    const Parts parts = kSchedules.at(name)(optimizer);
    Trace trace;
    trace.note(optimizer);
    for (int64_t step = 0; step < steps; ++step) {
      parts.back()->step();
      trace.note(optimizer);
      EXPECT_EQ(parts.back()->get_last_lr(), (Each{optimizer.lr(0), optimizer.lr(1)})) << name;
      EXPECT_EQ(parts.back()->last_epoch(), step + 1) << name;
    }
    trace.expect(expected);
  }
}

TEST_F(SchedulersGolden, Jumps) {
  size_t count = 0;
  for (const json& expected : golden["schedules"]) {
    if (!expected.contains("jumps")) continue;
    const auto name = expected["name"].get<std::string>();
    SGD optimizer = make_optimizer();
    const Parts parts = kSchedules.at(name)(optimizer);
    Trace trace;
    for (const json& epoch : golden["jump_epochs"]) {
      parts.back()->step(epoch.get<int64_t>());
      trace.note(optimizer);
    }
    expect_near(trace.lrs, expected["jumps"].get<std::vector<double>>(), 1e-15, 1e-12, name);
    ++count;
  }
  EXPECT_EQ(count, kSchedules.size() - 3);
}

TEST_F(SchedulersGolden, Plateaus) {
  for (const json& expected : golden["schedules"]) {
    const auto name = expected["name"].get<std::string>();
    if (!kPlateaus.contains(name)) continue;
    SGD optimizer = make_optimizer();
    ReduceLROnPlateau schedule(optimizer, kPlateaus.at(name));
    Trace trace;
    trace.note(optimizer);
    for (const json& metric : golden["metrics"]) {
      schedule.step(metric.get<double>());
      trace.note(optimizer);
      EXPECT_EQ(schedule.get_last_lr(), (Each{optimizer.lr(0), optimizer.lr(1)})) << name;
    }
    trace.expect(expected);
  }
}

TEST_F(SchedulersGolden, GoesOnFromItsState) {
  for (const json& expected : golden["schedules"]) {
    const auto name = expected["name"].get<std::string>();
    if (kPlateaus.contains(name)) continue;
    SGD first = make_optimizer(), second = make_optimizer();
    const Parts stopped = kSchedules.at(name)(first), resumed = kSchedules.at(name)(second);
    Trace trace;
    trace.note(first);
    for (int64_t step = 0; step < steps; ++step) {
      if (step == 8) {
        second.load_state_dict(first.state_dict());
        resumed.back()->load_state_dict(stopped.back()->state_dict());
        EXPECT_EQ(resumed.back()->get_last_lr(), stopped.back()->get_last_lr()) << name;
      }
      (step < 8 ? stopped : resumed).back()->step();
      trace.note(step < 8 ? first : second);
    }
    trace.expect(expected);
  }
}

TEST_F(SchedulersGolden, PlateausGoOnFromTheirState) {
  for (const json& expected : golden["schedules"]) {
    const auto name = expected["name"].get<std::string>();
    if (!kPlateaus.contains(name)) continue;
    SGD first = make_optimizer(), second = make_optimizer();
    ReduceLROnPlateau stopped(first, kPlateaus.at(name)), resumed(second, kPlateaus.at(name));
    Trace trace;
    trace.note(first);
    for (size_t step = 0; step < golden["metrics"].size(); ++step) {
      if (step == 8) {
        second.load_state_dict(first.state_dict());
        resumed.load_state_dict(stopped.state_dict());
      }
      (step < 8 ? stopped : resumed).step(golden["metrics"][step].get<double>());
      trace.note(step < 8 ? first : second);
    }
    trace.expect(expected);
  }
}

}  // namespace
}  // namespace cuttle::test
