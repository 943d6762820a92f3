// Random numbers in CUDA graphs: each replay goes on in the stream.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/random.h>

#include "cuda_graphs.h"

namespace cuttle::test {
namespace {

class RandomGraphs : public CudaGraphs {
 protected:
  /// What one step draws: three calls of one generator.
  struct Step {
    explicit Step(const Generator& from) : generator(from) {}
    void operator()() {
      const TensorOptions cuda{.device = "cuda"};
      uniform = rand({1025}, cuda, generator);
      normal = randn({33}, {.dtype = float64, .device = "cuda"}, generator);
      kept = bernoulli(uniform, 0.5, generator) * uniform;
    }
    std::vector<double> values() const {
      auto all = uniform.to_vector<double>();
      for (const Tensor& more : {normal, kept})
        for (const double v : more.to_vector<double>()) all.push_back(v);
      return all;
    }
    Generator generator;
    Tensor uniform, normal, kept;
  };
};

TEST_F(RandomGraphs, ReplaysEqualTheEagerSequence) {
  std::vector<std::vector<double>> expected;
  Step eager{Generator(3, Engine::philox)};
  for (int i = 0; i < 6; ++i) {
    eager();
    expected.push_back(eager.values());
  }
  Step step{Generator(3, Engine::philox)};
  cuda::CUDAGraph graph;
  capture(graph, [&] { step(); });  // the warm-up is the first step
  for (size_t i = 1; i < 4; ++i) {
    graph.replay();
    EXPECT_EQ(step.values(), expected[i]) << i;
    EXPECT_NE(step.values(), expected[i - 1]);
  }
  Step after{step.generator};  // eager calls go on behind the replays, and replays behind them
  after();
  EXPECT_EQ(after.values(), expected[4]);
  graph.replay();
  EXPECT_EQ(step.values(), expected[5]);
}

TEST_F(RandomGraphs, SeedsCountFromTheNextReplayOn) {
  Step step{default_generator("cuda")};
  cuda::CUDAGraph graph;
  capture(graph, [&] { step(); });
  manual_seed(12);
  graph.replay();
  const auto first = step.values();
  graph.replay();
  EXPECT_NE(step.values(), first);
  manual_seed(12);
  graph.replay();
  EXPECT_EQ(step.values(), first);
  Step eager{Generator(12, Engine::philox)};
  eager();
  EXPECT_EQ(eager.values(), first);
}

TEST_F(RandomGraphs, TwoGraphsAndTwoGeneratorsShareNothing) {
  const Generator a(5, Engine::philox), b(6, Engine::philox);
  Tensor x, y;
  cuda::CUDAGraph first, second;
  const auto both = [&] {
    x = rand({100}, {.device = "cuda"}, a);
    y = rand({100}, {.device = "cuda"}, b);
  };
  capture(first, both);
  Tensor z;
  capture(second, [&] { z = rand({100}, {.device = "cuda"}, a); });
  // a: warm-ups took calls 0 and 1; b: call 0.
  const auto call = [](uint64_t seed, int number) {
    const Generator fresh(seed, Engine::philox);
    for (int i = 0; i < number; ++i) (void)rand({1}, {}, fresh);
    return rand({100}, {}, fresh).to_vector<float>();
  };
  first.replay();
  second.replay();
  first.replay();
  EXPECT_EQ(x.to_vector<float>(), call(5, 4));
  EXPECT_EQ(z.to_vector<float>(), call(5, 3));
  EXPECT_EQ(y.to_vector<float>(), call(6, 2));
}

// What the graph reads of the generator lives as long as the graph.
TEST_F(RandomGraphs, TheGeneratorMayGo) {
  cuda::CUDAGraph graph;
  Tensor x;
  {
    const Generator generator(8, Engine::philox);
    capture(graph, [&] { x = rand({100}, {.device = "cuda"}, generator); });
  }
  graph.replay();
  const auto first = x.to_vector<float>();
  graph.replay();
  EXPECT_NE(x.to_vector<float>(), first);
}

}  // namespace
}  // namespace cuttle::test
