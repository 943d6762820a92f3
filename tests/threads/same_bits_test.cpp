// The CPU gives the same bits however many threads its kernels are spread over, and however wide
// the vectors are that it computes with: what is added up is cut into parts by its shape alone.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/activations.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/attention/attention.h>
#include <cuttle/core/ops/conv2d_pool.h>
#include <cuttle/core/ops/convolution.h>
#include <cuttle/core/ops/embedding.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/losses/cross_entropy.h>
#include <cuttle/core/ops/max_pool2d.h>
#include <cuttle/core/ops/normalization/batch_norm.h>
#include <cuttle/core/ops/normalization/group_norm.h>
#include <cuttle/core/ops/normalization/layer_norm.h>
#include <cuttle/core/ops/recurrent/recurrent.h>
#include <cuttle/kernels/cpu/vector_level.h>
#include <cuttle/optim/adam.h>
#include <gtest/gtest.h>
#include <omp.h>

#include <cstdlib>
#include <functional>
#include <thread>

namespace cuttle::test {
namespace {

using Tensors = std::vector<Tensor>;
using Bits = std::vector<std::vector<float>>;

struct Program {
  std::string name;
  std::function<Tensor(const Tensors&)> function;
  std::vector<Shape> shapes;
};

Tensor half(const Tensor& x) {
  return x.to(bfloat16);
}

std::vector<Program> programs() {
  const auto convolve = [](const Conv2dOptions& options) {
    return [=](const Tensors& x) { return conv2d(x[0], x[1], x[2], options); };
  };
  const auto product = [](const Tensors& x) { return matmul(x[0], x[1]); };
  const auto attend = [](const Tensors& x) {
    return scaled_dot_product_attention(x[0], x[1], x[2], {.is_causal = true});
  };
  return {
      {"conv2d", convolve({.padding = 1}), {{37, 8, 20, 20}, {16, 8, 3, 3}, {16}}},
      {"conv2d of one image",
       convolve({.padding = {2, 0}, .dilation = {2, 1}}),
       {{1, 8, 61, 64}, {24, 8, 3, 3}, {24}}},
      {"conv2d of three images",
       convolve({.stride = {2, 1}, .groups = 2}),
       {{3, 8, 65, 40}, {24, 4, 5, 3}, {24}}},
      {"conv2d, windows in the padding",
       convolve({.padding = 3}),
       {{2, 8, 40, 40}, {16, 8, 2, 2}, {16}}},
      {"conv2d of many channels, short rows",
       [](const Tensors& x) { return conv2d(x[0], x[1], {}, {.padding = 1}); },
       {{33, 64, 4, 4}, {128, 64, 3, 3}}},
      {"conv2d of many channels, longer rows",
       [](const Tensors& x) { return conv2d(x[0], x[1], {}, {.padding = 1}); },
       {{9, 64, 12, 12}, {72, 64, 3, 3}}},
      {"conv2d of many tiles",
       [](const Tensors& x) { return conv2d(x[0], x[1], {}, {.padding = 1}); },
       {{9, 64, 16, 15}, {64, 64, 3, 3}}},
      {"conv2d of many tiles and pooling",
       [](const Tensors& x) {
         return conv2d_max_pool2d(x[0], x[1], {}, {.padding = 1}, Activation::relu);
       },
       {{20, 64, 16, 16}, {64, 64, 3, 3}}},
      {"conv2d and pooling",
       [](const Tensors& x) {
         return conv2d_max_pool2d(x[0], x[1], x[2], {.padding = 2}, Activation::relu);
       },
       {{33, 3, 32, 32}, {32, 3, 5, 5}, {32}}},
      {"conv2d and pooling, many channels",
       [](const Tensors& x) { return conv2d_max_pool2d(x[0], x[1], x[2], {.padding = 2}); },
       {{11, 32, 20, 20}, {40, 32, 5, 5}, {40}}},
      {"conv2d and pooling, narrow windows",
       [](const Tensors& x) { return conv2d_max_pool2d(x[0], x[1], x[2]); },
       {{9, 16, 13, 12}, {65, 16, 4, 2}, {65}}},
      {"conv2d of bfloat16",
       [](const Tensors& x) { return conv2d(half(x[0]), half(x[1]), half(x[2])).to(float32); },
       {{37, 8, 20, 20}, {16, 8, 3, 3}, {16}}},
      {"conv_transpose2d",
       [](const Tensors& x) { return conv_transpose2d(x[0], x[1], x[2], {.stride = 2}); },
       {{5, 16, 20, 20}, {16, 8, 3, 3}, {8}}},
      {"conv3d",
       [](const Tensors& x) { return conv3d(x[0], x[1], x[2], {.padding = 1}); },
       {{2, 8, 6, 20, 20}, {16, 8, 3, 3, 3}, {16}}},
      {"product of bfloat16",
       [](const Tensors& x) { return matmul(half(x[0]), half(x[1])).to(float32); },
       {{120, 300}, {300, 130}}},
      {"product", product, {{120, 300}, {300, 130}}},
      {"deep product", product, {{5, 20000}, {20000, 7}}},
      {"row by matrix", product, {{1, 512}, {512, 1000}}},
      {"matrix by column", product, {{1000, 512}, {512, 1}}},
      {"dot", product, {{1, 100000}, {100000, 1}}},
      {"linear",
       [](const Tensors& x) { return linear(x[0], x[1], x[2]); },
       {{64, 700}, {10, 700}, {10}}},
      {"one row of linear",
       [](const Tensors& x) { return linear(x[0], x[1], x[2]); },
       {{1, 700}, {500, 700}, {500}}},
      {"sums",
       [](const Tensors& x) { return x[0].sum(0) * x[0].mean() + x[0].mean(1).sum(); },
       {{700, 301}}},
      {"softmax",
       [](const Tensors& x) { return x[0].softmax(0) * x[0].log_softmax(1); },
       {{700, 301}}},
      {"softmax of short rows",
       [](const Tensors& x) { return x[0].softmax(1) * x[0].log_softmax(1) + x[1].softmax(1); },
       {{9001, 23}, {9001, 1}}},
      {"embedding_bag",
       [](const Tensors& x) {
         const Tensor indices = arange(6000).view({1000, 6}).remainder(37);
         Tensor sum = embedding_bag(indices, x[0], {}, {.mode = BagMode::sum}, x[1]);
         for (const BagMode mode : {BagMode::mean, BagMode::max})
           sum = sum + embedding_bag(indices, x[0], {}, {.mode = mode});
         return sum;
       },
       {{37, 70}, {1000, 6}}},
      {"cross_entropy",
       [](const Tensors& x) {
         return cross_entropy(x[0], arange(600), {}, {.label_smoothing = 0.1});
       },
       {{600, 600}}},
      {"batch_norm",
       [](const Tensors& x) { return batch_norm(x[0], {}, {}, x[1], x[2], true); },
       {{37, 8, 30, 31}, {8}, {8}}},
      {"batch_norm channels last",
       [](const Tensors& x) {
         return batch_norm_relu(x[0].contiguous(MemoryFormat::channels_last), {}, {}, x[1], x[2],
                                true);
       },
       {{37, 8, 30, 31}, {8}, {8}}},
      {"layer_norm",
       [](const Tensors& x) { return layer_norm(x[0], {301}, x[1], x[2]); },
       {{1700, 301}, {301}, {301}}},
      {"group_norm",
       [](const Tensors& x) { return group_norm(x[0], 2, x[1], x[2]); },
       {{37, 8, 30, 31}, {8}, {8}}},
      {"attention of few heads", attend, {{1, 2, 300, 40}, {1, 2, 300, 40}, {1, 2, 300, 40}}},
      {"attention of many heads", attend, {{4, 8, 70, 16}, {4, 8, 70, 16}, {4, 8, 70, 16}}},
      {"lstm",
       [](const Tensors& x) {
         return recurrent_layer(CellKind::lstm, x[0], {64, 64, 40}, true, {}, {x[1], x[2], {}, {}})
             .output;
       },
       {{168, 50}, {400, 50}, {400, 100}}},
      {"activations",
       [](const Tensors& x) {
         const Tensor wide = 30 * x[0] - 15;
         return gelu(wide) + wide.tanh() * wide.sigmoid() + wide.silu() * (wide / 20).exp();
       },
       {{70, 301}}},
      {"activations of bfloat16",
       [](const Tensors& x) {
         const Tensor wide = half(x[0]) * 30 - 15;
         return (gelu(wide) * wide.relu() + wide / (wide * wide + 1)).to(float32);
       },
       {{70, 301}}},
      {"moments", [](const Tensors& x) { return x[0].var(0) * x[0].std(0); }, {{700, 301}}},
      {"max_pool2d", [](const Tensors& x) { return max_pool2d(x[0], 3, 2, 1); }, {{8, 16, 33, 33}}},
  };
}

// The output and the gradients of all inputs, on a thread of its own with so many OpenMP threads.
Bits bits(const Program& program, int threads) {
  Bits found;
  std::thread([&] {
    omp_set_num_threads(threads);
    Generator generator(1);
    Tensors inputs;
    for (const Shape& shape : program.shapes)
      inputs.push_back(rand(shape, {.requires_grad = true}, generator));
    const Tensor y = program.function(inputs);
    found.push_back(y.to_vector<float>());
    for (const Tensor& g : grad((y * y).sum(), inputs)) found.push_back(g.to_vector<float>());
  }).join();
  return found;
}

TEST(SameBits, WhateverTheNumberOfThreads) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the thread sanitizer cannot see into the OpenMP runtime";
#endif
  for (const Program& program : programs()) {
    const Bits alone = bits(program, 1);
    for (const int threads : {2, 3, 4, 7}) {
      const Bits together = bits(program, threads);
      for (size_t i = 0; i < alone.size(); ++i)
        EXPECT_TRUE(together[i] == alone[i])
            << program.name << ", " << (i == 0 ? "output" : "gradient " + std::to_string(i - 1))
            << ", " << threads << " threads";
    }
  }
}

using kernels::cpu::VectorLevel;

/// Those that this processor has, the lowest first. The one before is chosen again at the end.
template <class Body>
void for_each_level(const Body& body) {
  const VectorLevel before = kernels::cpu::vector_level();
  for (int level = 0; level <= static_cast<int>(kernels::cpu::highest_vector_level()); ++level) {
    kernels::cpu::set_vector_level(static_cast<VectorLevel>(level));
    body(level);
  }
  kernels::cpu::set_vector_level(before);
}

TEST(SameBits, WhateverTheWidthOfVectors) {
  for (const Program& program : programs()) {
    Bits lowest;
    for_each_level([&](int level) {
      const Bits found = bits(program, 1);
      if (level == 0) lowest = found;
      for (size_t i = 0; i < lowest.size(); ++i)
        EXPECT_TRUE(found[i] == lowest[i])
            << program.name << ", " << (i == 0 ? "output" : "gradient " + std::to_string(i - 1))
            << ", level " << level;
    });
  }
}

TEST(SameBits, WhateverTheWidthOfVectorsInAnOptimizer) {
  std::vector<float> lowest;
  for_each_level([&](int level) {
    Generator generator(1);
    const Tensor weight = rand({1003}, {.requires_grad = true}, generator);
    AdamW optimizer({weight}, {.lr = 0.1});
    for (int step = 0; step < 3; ++step) {
      optimizer.zero_grad();
      (weight * weight).sum().backward();
      optimizer.step();
    }
    const auto values = weight.detach().to_vector<float>();
    if (level == 0) lowest = values;
    EXPECT_EQ(values, lowest) << "level " << level;
  });
}

/// What is thrown where CUTTLE_CPU_LEVEL has this value and a kernel asks for the first time.
std::string sentence_of_level(const char* name) {
  const VectorLevel before = kernels::cpu::vector_level();
  setenv("CUTTLE_CPU_LEVEL", name, 1);
  std::string sentence;
  try {
    kernels::cpu::detail::choose_vector_level();
  } catch (const Error& error) {
    sentence = error.what();
  }
  unsetenv("CUTTLE_CPU_LEVEL");
  kernels::cpu::set_vector_level(before);
  return sentence;
}

TEST(VectorLevel, IsThatOfTheEnvironmentVariable) {
  EXPECT_EQ(sentence_of_level("base"), "");
  EXPECT_EQ(sentence_of_level("avx"), "CUTTLE_CPU_LEVEL can be base, v3 or v4, got \"avx\"");
  EXPECT_EQ(sentence_of_level(""), "CUTTLE_CPU_LEVEL can be base, v3 or v4, got \"\"");
}

}  // namespace
}  // namespace cuttle::test
