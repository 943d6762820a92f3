// What the kernel benchmarks share: memory and stream of a backend, the measuring loop, and the
// registration of one benchmark for every backend that the build has.
#pragma once

#include <benchmark/benchmark.h>
#include <cuttle/kernels/stream.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#ifdef CUTTLE_CUDA
#include <cuttle/kernels/cuda_runtime.h>
#endif

namespace cuttle::bench {

struct Cpu {
  static constexpr int kBatch = 1;  // launches between two waits
  template <class T>
  using Memory = std::unique_ptr<T[]>;

  static bool is_available() { return true; }
  template <class T>
  Memory<T> upload(const std::vector<T>& values) const {
    auto memory = std::make_unique_for_overwrite<T[]>(values.size());
    std::copy(values.begin(), values.end(), memory.get());
    return memory;
  }
  void wait() const {}

  kernels::cpu::Stream stream;
};

#ifdef CUTTLE_CUDA
/// The default stream of the first GPU. Waiting for each launch would time the wait; a batch of
/// launches is what a training step looks like, and its data stays in the second-level cache as
/// there.
struct Cuda {
  static constexpr int kBatch = 50;
  template <class T>
  using Memory = std::unique_ptr<T[], std::function<void(T*)>>;

  Cuda() { kernels::cuda::set_backend(kernels::cuda::Backend::vendor); }
  static bool is_available() { return kernels::cuda::device_count() > 0; }
  template <class T>
  Memory<T> upload(const std::vector<T>& values) const {
    const size_t bytes = values.size() * sizeof(T);
    Memory<T> memory(static_cast<T*>(kernels::cuda::allocate(0, bytes)),
                     [](T* p) { kernels::cuda::free(0, p); });
    kernels::cuda::copy(stream, memory.get(), values.data(), bytes,
                        kernels::cuda::CopyKind::host_to_device);
    wait();
    return memory;
  }
  void wait() const { kernels::cuda::synchronize(stream); }

  kernels::cuda::Stream stream;
};

/// The same with this project's kernels where cuDNN or cuBLAS would be used.
struct CudaHandwritten : Cuda {
  CudaHandwritten() { kernels::cuda::set_backend(kernels::cuda::Backend::own); }
  static bool is_available() {
    return Cuda::is_available() && kernels::cuda::has_vendor_libraries();
  }
};
#endif

/// `count` values in [-0.5, 0.5), the same in every run.
template <class T = float>
std::vector<T> random_values(int64_t count) {
  std::mt19937 generator(1);
  std::vector<T> values(static_cast<size_t>(count));
  for (T& value : values) value = T(static_cast<float>(generator() >> 8) * 0x1p-24f - 0.5f);
  return values;
}

/// What one call must move and compute at least; 0 where it says nothing.
struct Work {
  double bytes = 0, flops = 0;
};

template <class Backend, class Call>
void measure(benchmark::State& state, const Backend& backend, Work work, const Call& call) {
  call();  // plans are made and scratch memory grows here
  backend.wait();
  while (state.KeepRunningBatch(Backend::kBatch)) {
    for (int i = 0; i < Backend::kBatch; ++i) call();
    backend.wait();
  }
  const auto calls = static_cast<double>(state.iterations());
  using benchmark::Counter;
  if (work.bytes > 0) state.counters["byte/s"] = Counter(calls * work.bytes, Counter::kIsRate);
  if (work.flops > 0) state.counters["FLOP/s"] = Counter(calls * work.flops, Counter::kIsRate);
}

/// Runs the benchmark where its backend can run.
template <class Backend, void (*kBenchmark)(benchmark::State&, const Backend&)>
void run_on(benchmark::State& state) {
  if (!Backend::is_available()) {
    state.SkipWithError("no such device here");
    return;
  }
  kBenchmark(state, Backend{});
}

}  // namespace cuttle::bench

/// Registers `name`, a template over backends, with `arguments` like ->Arg(64).
#define CUTTLE_BENCHMARK_ON(Backend, name, arguments)                                    \
  BENCHMARK(cuttle::bench::run_on<cuttle::bench::Backend, name<cuttle::bench::Backend>>) \
      ->Name(#name "/" #Backend)                                                         \
      ->Unit(benchmark::kMicrosecond)                                                    \
      ->UseRealTime() arguments;
#ifdef CUTTLE_CUDA
#define CUTTLE_BENCHMARK(name, arguments)   \
  CUTTLE_BENCHMARK_ON(Cpu, name, arguments) \
  CUTTLE_BENCHMARK_ON(Cuda, name, arguments)
#define CUTTLE_LIBRARY_BENCHMARK(name, arguments) \
  CUTTLE_BENCHMARK(name, arguments)               \
  CUTTLE_BENCHMARK_ON(CudaHandwritten, name, arguments)
#else
#define CUTTLE_BENCHMARK(name, arguments) CUTTLE_BENCHMARK_ON(Cpu, name, arguments)
#define CUTTLE_LIBRARY_BENCHMARK(name, arguments) CUTTLE_BENCHMARK(name, arguments)
#endif
