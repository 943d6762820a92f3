// States of many tensors: what each tensor costs must not grow with their number. Argument: how
// many tensors. The rows "BigO" give the time a tensor, "RMS" how far the whole is from linear.
#include <benchmark/benchmark.h>
#include <cuttle/core/creation.h>
#include <cuttle/io/serialization.h>
#include <cuttle/layers/module.h>
#include <cuttle/optim/sgd.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

namespace {

using namespace cuttle;

std::string name_of(int64_t i) {
  return "blocks." + std::to_string(i) + ".attention.weight";
}

StateDict state_of(int64_t count) {
  StateDict state;
  for (int64_t i = 0; i < count; ++i) state.insert(name_of(i), zeros({4}));
  return state;
}

// A model of `count` blocks with one parameter each.
class Block : public Module {
 public:
  Parameter& weight = register_parameter("weight", zeros({4}));
};
class Blocks : public Module {
 public:
  explicit Blocks(int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      register_module("block" + std::to_string(i), std::make_shared<Block>());
    }
  }
};

// A state saved to a file that is gone at the end of the scope.
struct SavedState {
  explicit SavedState(int64_t count)
      : path(std::filesystem::temp_directory_path() /
             ("state-" + std::to_string(::getpid()) + ".safetensors")) {
    save(state_of(count), path);
  }
  ~SavedState() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

template <class Run>
void measure(benchmark::State& state, const Run& run) {
  for (auto _ : state) run();
  state.SetComplexityN(state.range(0));
}

void insert_into_state(benchmark::State& state) {
  const Tensor tensor = zeros({4});
  measure(state, [&] {
    StateDict dict;
    for (int64_t i = 0; i < state.range(0); ++i) dict.insert(name_of(i), tensor);
    benchmark::DoNotOptimize(dict);
  });
}

void find_in_state(benchmark::State& state) {
  const StateDict dict = state_of(state.range(0));
  measure(state, [&] {
    for (const auto& [name, tensor] : dict) benchmark::DoNotOptimize(dict.find(name));
  });
}

void save_state(benchmark::State& state) {
  const SavedState saved(state.range(0));
  const StateDict dict = state_of(state.range(0));
  measure(state, [&] { save(dict, saved.path); });
}

void load_state(benchmark::State& state) {
  const SavedState saved(state.range(0));
  measure(state, [&] { benchmark::DoNotOptimize(load(saved.path)); });
}

void load_state_by_names(benchmark::State& state) {
  const SavedState saved(state.range(0));
  const auto names = load_names(saved.path);
  measure(state, [&] { benchmark::DoNotOptimize(load(saved.path, {.names = names})); });
}

void build_model(benchmark::State& state) {
  measure(state, [&] { benchmark::DoNotOptimize(std::make_unique<Blocks>(state.range(0))); });
}

void model_state_there_and_back(benchmark::State& state) {
  Blocks model(state.range(0));
  measure(state, [&] { model.load_state_dict(model.state_dict()); });
}

void build_optimizer(benchmark::State& state) {
  Blocks model(state.range(0));
  const auto parameters = model.parameters();
  measure(state, [&] { SGD(parameters, {.lr = 0.1, .momentum = 0.9}); });
}

void optimizer_state_there_and_back(benchmark::State& state) {
  Blocks model(state.range(0));
  for (Tensor& parameter : model.parameters()) parameter.set_grad(ones({4}));
  SGD optimizer(model.parameters(), {.lr = 0.1, .momentum = 0.9});
  optimizer.step();
  measure(state, [&] { optimizer.load_state_dict(optimizer.state_dict()); });
}

#define CUTTLE_STATE_BENCHMARK(function) \
  BENCHMARK(function)                    \
      ->Arg(10'000)                      \
      ->Arg(20'000)                      \
      ->Arg(40'000)                      \
      ->Arg(80'000)                      \
      ->Unit(benchmark::kMillisecond)    \
      ->Complexity(benchmark::oN);

CUTTLE_STATE_BENCHMARK(insert_into_state)
CUTTLE_STATE_BENCHMARK(find_in_state)
CUTTLE_STATE_BENCHMARK(save_state)
CUTTLE_STATE_BENCHMARK(load_state)
CUTTLE_STATE_BENCHMARK(load_state_by_names)
CUTTLE_STATE_BENCHMARK(build_model)
CUTTLE_STATE_BENCHMARK(model_state_there_and_back)
CUTTLE_STATE_BENCHMARK(build_optimizer)
CUTTLE_STATE_BENCHMARK(optimizer_state_there_and_back)

}  // namespace
