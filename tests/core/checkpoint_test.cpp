// Checkpointing: the gradients of the function without it, to the bit, and less memory.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/checkpoint.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/autograd/saved_tensor_hooks.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using V = std::vector<double>;
using Tensors = std::vector<Tensor>;

class Checkpoint : public DeviceTest {
 protected:
  size_t allocated() const {
    return device().is_cpu() ? cpu::memory_stats().allocated_bytes
                             : cuda::memory_stats().allocated_bytes;
  }
  Tensor dropout(const Tensor& x) const {
    return x * (rand(x.shape()).to(device()) > 0.5).to(x.dtype()) * 2;
  }
};
CUTTLE_INSTANTIATE_DEVICES(Checkpoint);

V list(const Tensor& x) {
  return x.to_vector<double>();
}

TEST_P(Checkpoint, GivesTheSameGradients) {
  const Tensor x = variable({3, 4}, device()), w = variable({4, 4}, device(), -1, 1, 2);
  int calls = 0;
  const auto block = [&](const Tensor& in) {
    ++calls;
    return (matmul(in, w).tanh() + in).sigmoid();
  };
  const Tensor plain = block(block(x)).sum();
  const Tensors expected = grad(plain, {x, w});
  calls = 0;
  const Tensor y = checkpoint(block, checkpoint(block, x));
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(y.grad_fn(), "checkpoint");
  EXPECT_EQ(y.sum().item(), plain.item());
  const Tensors actual = grad(y.sum(), {x, w}, {}, {.retain_graph = true});
  EXPECT_EQ(calls, 4);
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(list(actual[i]), list(expected[i]));
  y.sum().backward();  // once more, into the leaves
  EXPECT_EQ(list(x.grad()), list(expected[0]));
  EXPECT_EQ(list(w.grad()), list(expected[1]));
  EXPECT_EQ(error_of([&] { y.sum().backward(); }),
            "backward: the graph behind 'checkpoint' was freed by an earlier backward(); pass "
            "retain_graph = true to the first one, or run the forward again");
}

TEST_P(Checkpoint, ParametersAloneMayNeedGradients) {
  const Tensor x = sample({3, 4}, device()), w = variable({4, 4}, device());
  const Tensor y = checkpoint([&](const Tensor& in) { return matmul(in, w).tanh(); }, x).sum();
  const Tensor expected = grad(matmul(x, w).tanh().sum(), {w})[0];
  y.backward();
  EXPECT_EQ(list(w.grad()), list(expected));
}

TEST_P(Checkpoint, WhatTheFunctionReachesKeepsItsHistory) {
  const Tensor w = variable({4}, device());
  const Tensor outer = w.exp();  // reached beside w itself
  const auto f = [&](const Tensor& in) { return in * outer * w; };
  const Tensor x = w * 2;
  const Tensor expected = grad(f(x).sum(), {w}, {}, {.retain_graph = true})[0];
  EXPECT_EQ(list(grad(checkpoint(f, x).sum(), {w})[0]), list(expected));
}

TEST_P(Checkpoint, RandomNumbersAreDrawnAgain) {
  const Tensor x = variable({40}, device());
  const auto f = [&](const Tensor& in) { return dropout(in * in); };
  manual_seed(5);
  const Tensor plain = f(x);
  const Tensor expected = grad(plain.sum(), {x})[0];
  const Tensor next = rand({3});
  manual_seed(5);
  const Tensor y = checkpoint(f, x);
  EXPECT_EQ(list(y), list(plain));
  EXPECT_EQ(list(rand({3})), list(next));  // the forward has drawn as without
  const Tensor before = rand({3});
  const Tensor actual = grad(y.sum(), {x})[0];
  EXPECT_EQ(list(actual), list(expected));
  manual_seed(5);
  (void)f(x);
  (void)rand({3});
  EXPECT_EQ(list(rand({3})), list(before));
  // The replay left the generator as it was.
  manual_seed(6);
  const Tensor z = checkpoint(f, x);
  const Tensor drawn = rand({3});
  manual_seed(6);
  const Tensor z2 = checkpoint(f, x);
  z2.sum().backward();
  EXPECT_EQ(list(rand({3})), list(drawn));
  // Off: other numbers are drawn.
  manual_seed(5);
  const Tensor loose = checkpoint({.preserve_rng_state = false}, f, x);
  EXPECT_NE(list(grad(loose.sum(), {x})[0]), list(expected));
}

TEST_P(Checkpoint, WithinEachOther) {
  const Tensor x = variable({3, 4}, device()), w = variable({4, 4}, device(), -1, 1, 2);
  const auto inner = [&](const Tensor& in) { return dropout(matmul(in, w).tanh()); };
  const auto outer = [&](const Tensor& in) {
    return checkpoint(inner, checkpoint(inner, in) + in).sigmoid();
  };
  const auto plain = [&](const Tensor& in) { return inner(inner(in) + in).sigmoid(); };
  manual_seed(1);
  const Tensors expected = grad(plain(x).sum(), {x, w});
  manual_seed(1);
  const Tensors actual = grad(checkpoint(outer, x).sum(), {x, w});
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(list(actual[i]), list(expected[i]));
}

TEST_P(Checkpoint, SeveralInputsAndResults) {
  const Tensor a = variable({4}, device()), b = variable({4}, device(), -2, 2, 3);
  const auto f = [](const Tensor& x, const Tensor& y) -> Tensors {
    return {x * y, x.exp(), x.detach() * 2};
  };
  const Tensors y = checkpoint(f, a, b);
  ASSERT_EQ(y.size(), 3u);
  EXPECT_FALSE(y[2].requires_grad());
  const Tensors plain = f(a, b);
  const Tensors expected = grad((plain[0] * plain[1]).sum(), {a, b});
  const Tensors actual = grad((y[0] * y[1]).sum(), {a, b}, {}, {.retain_graph = true});
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(list(actual[i]), list(expected[i]));
  const Tensors of_one = grad(y[1].sum(), {a});  // the other result is not used
  EXPECT_EQ(list(of_one[0]), list(a.exp()));
  const Tensors same = checkpoint_list([](const Tensors& in) { return in; }, {a, Tensor()});
  EXPECT_TRUE(same[0].is_same(a));
}

TEST_P(Checkpoint, SecondDerivatives) {
  const Tensor x = variable({2, 3}, device()), w = variable({3, 3}, device(), -1, 1, 2);
  const auto recorded = [](const Tensors& in) {
    const EnableGradGuard on;  // for the finite differences, too
    Tensors leaves;
    for (const Tensor& t : in)
      leaves.push_back(t.requires_grad() ? t : t.detach().requires_grad_());
    const Tensor y =
        checkpoint([w2 = leaves[1]](const Tensor& z) { return matmul(z, w2).tanh(); }, leaves[0]);
    const Tensors g = grad((y * y).sum(), leaves, {}, {.create_graph = true});
    return g[0].sum() * g[1].sum();
  };
  const auto checked = gradcheck(recorded, {x, w}, {.step = 1e-5, .atol = 1e-4});
  EXPECT_TRUE(checked) << checked.message;
}

TEST_P(Checkpoint, HooksInsideAndOutsideAreCalledOnce) {
  const Tensor x = variable({4}, device()), w = variable({4}, device());
  int inside = 0, on_leaf = 0, accumulated = 0;
  w.register_hook([&](const Tensor&) { ++on_leaf; });
  w.register_post_accumulate_grad_hook([&](const Tensor&) { ++accumulated; });
  const auto f = [&](const Tensor& in) {
    const Tensor h = in * w;
    h.register_hook([&](const Tensor& gradient) {
      ++inside;
      return gradient * 3;
    });
    return h.exp();
  };
  checkpoint(f, x).sum().backward();
  EXPECT_EQ(inside, 1);
  EXPECT_EQ(on_leaf, 1);
  EXPECT_EQ(accumulated, 1);
  expect_near(w.grad(), list(x.detach() * (x * w).detach().exp() * 3), 0, 1e-12, "w");
}

TEST_P(Checkpoint, KeepsTheInputAlone) {
  const Tensor x = sample({64, 64}, device(), float32).requires_grad_();
  const auto chain = [](const Tensor& in) {
    Tensor h = in;
    for (int i = 0; i < 10; ++i) h = h.sigmoid();
    return h;
  };
  const size_t one = 64 * 64 * sizeof(float);
  size_t before = allocated();
  const Tensor plain = chain(x);
  EXPECT_GE(allocated() - before, 10 * one);
  before = allocated();
  const Tensor y = checkpoint({.preserve_rng_state = false}, chain, x);
  EXPECT_EQ(allocated() - before, one);  // y; x was there
  // Its input goes to the host and comes back as any saved tensor.
  Tensor offloaded;
  {
    const SaveOnCpu offload;
    offloaded = checkpoint(chain, x * 1);
  }
  EXPECT_EQ(list(grad(offloaded.sum(), {x})[0]), list(grad(plain.sum(), {x})[0]));
}

TEST_P(Checkpoint, IsAPlainCallWhereNothingIsRecorded) {
  const Tensor x = variable({4}, device());
  const auto f = [](const Tensor& in) { return in * 2; };
  EXPECT_FALSE(checkpoint(f, x.detach()).requires_grad());
  const NoGradGuard no_grad;
  EXPECT_FALSE(checkpoint(f, x).requires_grad());
}

TEST_P(Checkpoint, Refusals) {
  const Tensor x = variable({4}, device());
  int calls = 0;
  const Tensor y = checkpoint(
      [&](const Tensor& in) { return ++calls == 1 ? in * 2 : (in * 2).narrow(0, 0, 3); }, x);
  EXPECT_EQ(
      error_of([&] { y.sum().backward(); }),
      "checkpoint: the function gave a tensor of shape [4] (float64) in the forward and one of "
      "shape [3] when it was called again for the backward; it must compute the same");
  Tensor h = x * 2;
  const Tensor z = checkpoint([](const Tensor& in) { return in.exp(); }, h);
  h.add_(1);
  EXPECT_NE(error_of([&] {
              z.sum().backward();
            }).find("that 'checkpoint' needs for its gradient was changed in place"),
            std::string::npos);
  EXPECT_EQ(error_of([&] {
              (void)checkpoint([](const Tensor& in) { return grad(in.exp().sum(), {in})[0] * in; },
                               x);
            }),
            "checkpoint: the function differentiated, within itself, what it computes; nothing is "
            "kept for that");
}

}  // namespace
}  // namespace cuttle::test
