// Google Benchmark cases for one training step of the tutorial network, with what the allocator
// did.
#include <benchmark/benchmark.h>

#include "tutorial_step.h"

namespace {

using namespace cuttle;

MemoryStats stats_of(const Device& device) {
  return device.is_cuda() ? cuda::memory_stats(device.index()) : cpu::memory_stats();
}

// One step and the loss brought to the host, as a program that prints its loss does.
void training_step(benchmark::State& state, const std::string& device_name) {
  if (device_name == "cuda" && !cuda::is_available()) {
    state.SkipWithError("no CUDA device here");
    return;
  }
  const Device device(device_name);
  bench::TutorialStep step(device, state.range(0));
  for (int i = 0; i < 3; ++i) step.run().item();
  const MemoryStats before = stats_of(device);
  for (auto _ : state) benchmark::DoNotOptimize(step.run().item());
  const MemoryStats after = stats_of(device);
  const auto steps = static_cast<double>(state.iterations());
  state.counters["images/s"] =
      benchmark::Counter(steps * static_cast<double>(state.range(0)), benchmark::Counter::kIsRate);
  state.counters["system allocations"] =
      static_cast<double>(after.system_allocations - before.system_allocations);
  state.counters["waits/step"] =
      static_cast<double>(after.synchronizations - before.synchronizations) / steps;
}

BENCHMARK_CAPTURE(training_step, cpu, "cpu")->Arg(64)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(training_step, cuda, "cuda")
    ->Arg(64)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
