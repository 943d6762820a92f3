// Matrix products: the two linear layers of the tutorial network, forward and both gradients, and
// square ones; on the CPU in bfloat16 too. Arguments: m, n, k, transpose a, transpose b.
#include <cuttle/kernels/gemm.h>

#include "backend.h"

namespace {

using namespace cuttle::bench;

template <class Backend, class T = float>
void gemm(benchmark::State& state, const Backend& backend) {
  const cuttle::kernels::GemmShape shape{.m = state.range(0),
                                         .n = state.range(1),
                                         .k = state.range(2),
                                         .transpose_a = state.range(3) != 0,
                                         .transpose_b = state.range(4) != 0};
  const auto a = backend.upload(random_values<T>(shape.m * shape.k));
  const auto b = backend.upload(random_values<T>(shape.k * shape.n));
  const auto bias = backend.upload(random_values<T>(shape.n));
  const auto c = backend.upload(random_values<T>(shape.m * shape.n));
  const Work work{.flops = 2.0 * static_cast<double>(shape.m * shape.n * shape.k)};
  measure(state, backend, work, [&] {
    cuttle::kernels::gemm<T>(backend.stream, shape, a.get(), b.get(), bias.get(), c.get());
  });
}
CUTTLE_LIBRARY_BENCHMARK(gemm, ->Args({64, 64, 1024, 0, 1})
                                   ->Args({64, 1024, 64, 1, 0})
                                   ->Args({64, 1024, 64, 0, 0})
                                   ->Args({64, 10, 64, 0, 1})
                                   ->Args({10, 64, 64, 1, 0})
                                   ->Args({64, 64, 10, 0, 0})
                                   ->Args({1024, 1024, 1024, 0, 0})
                                   ->Args({4096, 4096, 4096, 0, 0}))

BENCHMARK(run_on<Cpu, gemm<Cpu, cuttle::BFloat16>>)
    ->Name("gemm/Cpu bfloat16")
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime()
    ->Args({64, 64, 1024, 0, 1})
    ->Args({64, 1024, 64, 1, 0})
    ->Args({64, 1024, 64, 0, 0})
    ->Args({64, 10, 64, 0, 1})
    ->Args({1024, 1024, 1024, 0, 0})
    ->Args({1024, 1024, 1024, 0, 1});

}  // namespace
