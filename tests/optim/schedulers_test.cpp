// Schedules beyond the golden values: bad options, states that do not fit, parts of epochs,
// schedules in schedules, momenta by name.
#include <cuttle/core/captured_step.h>
#include <cuttle/core/creation.h>
#include <cuttle/optim/schedulers/combined.h>
#include <cuttle/optim/schedulers/cosine.h>
#include <cuttle/optim/schedulers/cyclic.h>
#include <cuttle/optim/schedulers/decay.h>
#include <cuttle/optim/schedulers/reduce_lr_on_plateau.h>
#include <cuttle/optim/sgd.h>

#include <cmath>
#include <numbers>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

SGD make_optimizer(size_t groups = 1) {
  std::vector<SGD::ParamGroup> made;
  for (size_t i = 0; i < groups; ++i)
    made.push_back({{ones({1}, {.requires_grad = true})}, {.lr = 0.1, .momentum = 0.9}});
  return SGD(made);
}

class Schedulers : public ::testing::Test {
 protected:
  template <class S, class Options>
  std::string error(const Options& options) {
    return error_of([&] { S schedule(sgd, options); });
  }
  SGD sgd = make_optimizer(2);
};

TEST_F(Schedulers, OptionsThatAreRefused) {
  EXPECT_EQ(error<StepLR>(StepLROptions{}), "StepLR: step_size must be 1 or more, got 0");
  EXPECT_EQ(error<ExponentialLR>(ExponentialLROptions{.gamma = -1}),
            "ExponentialLR: gamma must be 0 or more, got -1");
  EXPECT_EQ(error<MultiStepLR>(MultiStepLROptions{.gamma = std::nan("")}),
            "MultiStepLR: gamma must be 0 or more, got nan");
  EXPECT_EQ(error<ConstantLR>(ConstantLROptions{.factor = 2}),
            "ConstantLR: factor must be above 0 and at most 1, got 2");
  EXPECT_EQ(error<LinearLR>(LinearLROptions{.start_factor = 0}),
            "LinearLR: start_factor must be above 0 and at most 1, got 0");
  EXPECT_EQ(error<LinearLR>(LinearLROptions{.end_factor = -1}),
            "LinearLR: end_factor must be from 0 to 1, got -1");
  EXPECT_EQ(error<PolynomialLR>(PolynomialLROptions{.total_iters = 0}),
            "PolynomialLR: total_iters must be 1 or more, got 0");
  EXPECT_EQ(
      error<LambdaLR>(std::vector<LRLambda>(3)),
      "LambdaLR: expected one lr_lambda or one for each of the optimizer's 2 parameter groups, "
      "got 3");
  EXPECT_EQ(error<MultiplicativeLR>(LRLambda()),
            "MultiplicativeLR: lr_lambda 0 is an empty function");
  EXPECT_EQ(error<CosineAnnealingLR>(CosineAnnealingLROptions{}),
            "CosineAnnealingLR: T_max must be 1 or more, got 0");
  EXPECT_EQ(error<CosineAnnealingWarmRestarts>(CosineAnnealingWarmRestartsOptions{}),
            "CosineAnnealingWarmRestarts: T_0 must be 1 or more, got 0");
  EXPECT_EQ(
      error<CosineAnnealingWarmRestarts>(CosineAnnealingWarmRestartsOptions{.T_0 = 1, .T_mult = 0}),
      "CosineAnnealingWarmRestarts: T_mult must be 1 or more, got 0");
  EXPECT_EQ(error<SWALR>(SWALROptions{.swa_lr = -1}), "SWALR: swa_lr must be 0 or more, got -1");
  EXPECT_EQ(error<SWALR>(SWALROptions{.anneal_epochs = -1}),
            "SWALR: anneal_epochs must be 0 or more, got -1");
  EXPECT_EQ(error<CyclicLR>(CyclicLROptions{.step_size_up = 0}),
            "CyclicLR: step_size_up and step_size_down must be 1 or more, got 0 and 0");
  EXPECT_EQ(error<CyclicLR>(CyclicLROptions{.max_lr = std::vector<double>{1}}),
            "CyclicLR: expected one max_lr or one for each of the optimizer's 2 parameter groups, "
            "got 1");
  EXPECT_EQ(error<OneCycleLR>(OneCycleLROptions{.epochs = 3}),
            "OneCycleLR: set total_steps, or both epochs and steps_per_epoch");
  EXPECT_EQ(error<OneCycleLR>(OneCycleLROptions{.total_steps = 0}),
            "OneCycleLR: expected 1 step or more in all, got 0");
  EXPECT_EQ(error<OneCycleLR>(OneCycleLROptions{.total_steps = 9, .pct_start = 2}),
            "OneCycleLR: pct_start must be from 0 to 1, got 2");
  EXPECT_EQ(error<OneCycleLR>(OneCycleLROptions{.total_steps = 9, .div_factor = 0}),
            "OneCycleLR: div_factor and final_div_factor must be above 0, got 0 and 10000");
  EXPECT_EQ(error<ReduceLROnPlateau>(ReduceLROnPlateauOptions{.factor = 1}),
            "ReduceLROnPlateau: factor must be 0 or more and below 1, got 1");
}

TEST_F(Schedulers, CombinationsThatAreRefused) {
  SGD other = make_optimizer();
  ExponentialLR a(sgd, {.gamma = 0.5}), b(sgd, {.gamma = 0.5}), c(other, {.gamma = 0.5});
  EXPECT_EQ(error_of([&] {
              SequentialLR(sgd, {a, c}, {3});
            }),
            "SequentialLR: schedule 1 belongs to another optimizer; all have to belong to one");
  EXPECT_EQ(error_of([&] {
              SequentialLR(sgd, {a, b}, {});
            }),
            "SequentialLR: expected one milestone less than schedules, got 0 milestones and 2 "
            "schedules");
  EXPECT_EQ(error_of([&] {
              SequentialLR(sgd, {a, b}, {0});
            }),
            "SequentialLR: milestones must rise from 1 or more, got 0 as milestone 0");
  EXPECT_EQ(error_of([&] { ChainedScheduler(LRSchedulers{}); }),
            "ChainedScheduler: the list of schedules is empty");
}

TEST_F(Schedulers, StepsThatAreRefused) {
  StepLR steps(sgd, {.step_size = 2});
  EXPECT_EQ(error_of([&] { steps.step(-1); }),
            "StepLR: step expects an epoch of 0 or more, got -1");
  OneCycleLR cycle(sgd, {.max_lr = 1.0, .total_steps = 2});
  cycle.step();
  cycle.step();
  EXPECT_EQ(
      error_of([&] { cycle.step(); }),
      "OneCycleLR: step 3 is behind the last of total_steps 2; make that epochs · batches, or "
      "a new schedule for further training");
  EXPECT_EQ(cycle.last_epoch(), 2);
  LambdaLR negative(sgd, [](int64_t epoch) { return 1 - static_cast<double>(epoch); });
  negative.step();
  EXPECT_EQ(error_of([&] { negative.step(); }), "SGD: lr must be 0 or more, got -0.04");
  sgd.add_param_group({{ones({1}, {.requires_grad = true})}, {}});
  EXPECT_EQ(
      error_of([&] { steps.step(); }),
      "StepLR: the optimizer has 3 parameter groups, and had 2 when the schedule was made; add "
      "all groups before you make the schedule");
}

TEST_F(Schedulers, StatesThatAreRefused) {
  ExponentialLR schedule(sgd, {.gamma = 0.5});
  schedule.step();
  SGD one = make_optimizer(1), two = make_optimizer(2);
  CosineAnnealingWarmRestarts restarts(two, {.T_0 = 4});
  ExponentialLR of_one(one, {.gamma = 0.5});
  const auto refusal = [](auto& of, const Value& state) {
    return error_of([&] { of.load_state_dict(state); });
  };
  EXPECT_EQ(
      refusal(schedule, of_one.state_dict()),
      "ExponentialLR: the state's \"base_lrs\": expected a list of 2, got one of 1; nothing was "
      "changed");
  EXPECT_EQ(refusal(schedule, restarts.state_dict()),
            "ExponentialLR: the state has \"T_0\", which this schedule does not; it was saved from "
            "another one; nothing was changed");
  Dict state = restarts.state_dict();
  const Dict before = state;
  state.set("T_i", 0.5);
  EXPECT_EQ(
      refusal(restarts, state),
      "CosineAnnealingWarmRestarts: the state's \"T_i\": expected a whole number, got a number; "
      "nothing was changed");
  state.set("T_i", 0);
  EXPECT_EQ(refusal(restarts, state),
            "CosineAnnealingWarmRestarts: T_i must be 1 or more, got 0; nothing was changed");
  EXPECT_EQ(refusal(restarts, Dict{}),
            "CosineAnnealingWarmRestarts: the state has no \"T_0\"; it has nothing; nothing was "
            "changed");
  EXPECT_EQ(refusal(restarts, 3),
            "CosineAnnealingWarmRestarts: expected a dictionary for its state, got a whole number; "
            "nothing was changed");
  EXPECT_EQ(schedule.last_epoch(), 1);
  EXPECT_EQ(restarts.state_dict().at("T_i").to_int(), before.at("T_i").to_int());
  EXPECT_EQ(restarts.last_epoch(), 0);
}

TEST_F(Schedulers, StatesOfPartsThatAreRefused) {
  ExponentialLR a(sgd, {.gamma = 0.5});
  StepLR b(sgd, {.step_size = 2});
  SequentialLR both(sgd, {a, b}, {3});
  Dict state = both.state_dict();
  Dict part = state.at("_schedulers")[1].dict();
  part.set("gamma", "half");
  Dict first = state.at("_schedulers")[0].dict();
  first.set("gamma", 0.25);
  state.set("_schedulers", Value::List{first, part});
  EXPECT_EQ(error_of([&] { both.load_state_dict(state); }),
            "SequentialLR: the state's \"_schedulers\": StepLR: the state's \"gamma\": expected a "
            "number, got a string; nothing was changed");
  EXPECT_EQ(a.state_dict().at("gamma").to_double(), 0.5);
  state.set("_schedulers", Value::List{first});
  EXPECT_EQ(
      error_of([&] { both.load_state_dict(state); }),
      "SequentialLR: the state's \"_schedulers\": expected a list of 2 schedules' states, got "
      "one of 1; nothing was changed");
}

TEST_F(Schedulers, StatesOfCyclesThatAreRefused) {
  OneCycleLR cycle(sgd, {.max_lr = 1.0, .total_steps = 4});
  const auto refusal = [&](const char* name, const Value& value) {
    Dict state = cycle.state_dict();
    state.set(name, value);
    return error_of([&] { cycle.load_state_dict(state); });
  };
  EXPECT_EQ(refusal("total_steps", 0),
            "OneCycleLR: expected 1 step or more in all, got 0; nothing was changed");
  EXPECT_EQ(
      refusal("_anneal_func_type", "up"),
      "OneCycleLR: the state's \"_anneal_func_type\": expected one of \"cos\", \"linear\", got "
      "\"up\"; nothing was changed");
  EXPECT_EQ(
      refusal("_schedule_phases", Value::List{}),
      "OneCycleLR: the state's \"_schedule_phases\": expected one phase or more, got an empty "
      "list; nothing was changed");
  Dict phase = cycle.state_dict().at("_schedule_phases")[0].dict();
  phase.set("start_lr", "swa_lr");
  Dict state = cycle.state_dict();
  state.set("_schedule_phases", Value::List{phase});
  cycle.load_state_dict(state);
  EXPECT_EQ(
      error_of([&] { cycle.step(); }),
      "OneCycleLR: the optimizer's parameter group 0 has no \"swa_lr\"; load the state of the "
      "optimizer that the schedule was saved with, too");
}

TEST_F(Schedulers, NotesThatAreRefused) {
  EXPECT_EQ(sgd.noted("max_lr", 1), std::nullopt);
  sgd.note("max_lr", 3, 1);
  EXPECT_EQ(sgd.noted("max_lr", 1), 3);
  EXPECT_EQ(error_of([&] { sgd.note("lr", 3, 1); }),
            "SGD: schedules note no \"lr\"; they note initial_lr, max_lr, min_lr, max_momentum, "
            "base_momentum, swa_lr");
}

TEST_F(Schedulers, StateHasPyTorchsNames) {
  ConstantLR a(sgd);
  CosineAnnealingWarmRestarts b(sgd, {.T_0 = 4});
  SequentialLR both(sgd, {a, b}, {3});
  both.step();
  const Value state = both.state_dict();
  EXPECT_EQ(state["last_epoch"].to_int(), 1);
  EXPECT_EQ(state["_schedulers"][0]["last_epoch"].to_int(), 1);
  EXPECT_EQ(state["_schedulers"][0]["total_iters"].to_int(), 5);
  EXPECT_EQ(state["_schedulers"][1]["T_i"].to_int(), 4);
  EXPECT_EQ(state["_last_lr"][1].to_double(), both.get_last_lr()[1]);
}

TEST_F(Schedulers, RestartsTakePartsOfEpochs) {
  CosineAnnealingWarmRestarts schedule(sgd, {.T_0 = 2, .T_mult = 2});
  const auto expect_at = [&](double t) {
    EXPECT_NEAR(sgd.lr(), 0.1 * (1 + std::cos(std::numbers::pi * t)) / 2, 1e-16);
  };
  schedule.step(1.5);
  expect_at(1.5 / 2);
  schedule.step(2.5);
  expect_at(0.5 / 4);
  EXPECT_EQ(schedule.last_epoch(), 2);
  schedule.step();
  expect_at(1.5 / 4);
  schedule.step(6.25);
  expect_at(0.25 / 8);
  EXPECT_EQ(error_of([&] { schedule.step(std::nan("")); }),
            "CosineAnnealingWarmRestarts: step expects an epoch of 0 or more, got nan");
}

TEST_F(Schedulers, SequenceInASequence) {
  SGD flat = make_optimizer(2);
  const ConstantLROptions constant{.factor = 0.5, .total_iters = 2};
  ConstantLR a(sgd, constant), x(flat, constant);
  ExponentialLR b(sgd, {.gamma = 0.9}), y(flat, {.gamma = 0.9});
  StepLR c(sgd, {.step_size = 2}), z(flat, {.step_size = 2});
  SequentialLR inner(sgd, {a, b}, {3});
  SequentialLR nested(sgd, {inner, c}, {6}), straight(flat, {x, y, z}, {3, 6});
  EXPECT_EQ(sgd.lr(), flat.lr());
  for (int step = 0; step < 12; ++step) {
    nested.step();
    straight.step();
    EXPECT_EQ(sgd.lr(), flat.lr()) << step;
  }
  for (const int64_t epoch : {4, 1, 8}) {
    nested.step(epoch);
    straight.step(epoch);
    EXPECT_EQ(sgd.lr(), flat.lr()) << epoch;
  }
}

TEST_F(Schedulers, ChainedSchedulesStartFromTheSameRates) {
  LinearLR warm_up(sgd, {.start_factor = 0.5, .total_iters = 2});
  ExponentialLR decay(sgd, {.gamma = 0.5});
  EXPECT_EQ(sgd.initial_lr(0), 0.1);
  ChainedScheduler both({warm_up, decay});
  both.step();
  EXPECT_NEAR(sgd.lr(), 0.1 * 0.75 * 0.5, 1e-16);
  both.step(2);  // each in closed form, the last to write wins
  EXPECT_NEAR(sgd.lr(), 0.1 * 0.25, 1e-16);
}

TEST_F(Schedulers, InitialRatesAreInTheOptimizersState) {
  const StateDict before = sgd.state_dict();
  EXPECT_EQ(before.find("param_groups.0.initial_lr"), nullptr);
  StepLR schedule(sgd, {.step_size = 1, .gamma = 0.5});
  schedule.step();
  const StateDict state = sgd.state_dict();
  EXPECT_EQ(state.at("param_groups.1.initial_lr").item(), 0.1);
  EXPECT_EQ(state.at("param_groups.1.lr").item(), 0.05);
  SGD other = make_optimizer(2);
  other.load_state_dict(state);
  ExponentialLR further(other, {.gamma = 0.5});  // counts from the first rate, not the loaded one
  further.step(1);
  EXPECT_EQ(other.lr(1), 0.05);
  sgd.load_state_dict(before);  // which knows of none
  EXPECT_EQ(sgd.state_dict().at("param_groups.0.initial_lr").item(), 0.1);
}

TEST_F(Schedulers, PlateauTakesTensorsAndIgnoresNaN) {
  ReduceLROnPlateau schedule(sgd, {.patience = 0});
  schedule.step(full({}, 1.0));
  EXPECT_EQ(sgd.lr(), 0.1);
  schedule.step(std::nan(""));
  EXPECT_NEAR(sgd.lr(), 0.01, 1e-16);
  EXPECT_EQ(schedule.state_dict().at("best").to_double(), 1);
}

TEST_F(Schedulers, OptionsByName) {
  EXPECT_EQ(sgd.option("momentum", 1), 0.9);
  EXPECT_EQ(sgd.option("rho", 1), std::nullopt);
  sgd.set_option("momentum", 0.5, 1);
  EXPECT_EQ(sgd.options(1).momentum, 0.5);
  EXPECT_EQ(sgd.options(0).momentum, 0.9);
  EXPECT_EQ(error_of([&] { sgd.set_option("momentum", -1, 0); }),
            "SGD: momentum must be 0 or more, got -1");
  EXPECT_EQ(
      error_of([&] { sgd.set_option("rho", 1, 0); }),
      "SGD: there is no option \"rho\"; it has lr, momentum, dampening, weight_decay, nesterov, "
      "maximize");
}

class CapturedSchedules : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(CapturedSchedules);

TEST_P(CapturedSchedules, ReplaysFollowRatesAndMomenta) {
  const auto leaf = [&] { return full({33}, 0.5, {.device = device()}).requires_grad_(); };
  Tensor captured = leaf(), eager = leaf();
  SGD captured_sgd({captured}, {.lr = 0.1, .momentum = 0.9});
  SGD eager_sgd({eager}, {.lr = 0.1, .momentum = 0.9});
  const OneCycleLROptions options{.max_lr = 0.5, .total_steps = 12};
  OneCycleLR captured_cycle(captured_sgd, options), eager_cycle(eager_sgd, options);
  CapturedStep step([&](const Tensor& gradient) {
    captured.set_grad(gradient);
    captured_sgd.step();
  });
  for (int i = 0; i < 12; ++i) {
    const Tensor gradient = full({33}, 0.125 * (i % 3), {.device = device()});
    step(gradient);
    eager.set_grad(gradient);
    eager_sgd.step();
    captured_cycle.step();
    eager_cycle.step();
    EXPECT_EQ(captured.to_vector<float>(), eager.to_vector<float>()) << i;
  }
}

}  // namespace
}  // namespace cuttle::test
