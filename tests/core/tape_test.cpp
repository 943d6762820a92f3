// The tape: accumulation, shared graphs, what is freed and kept, captures, depth, determinism.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/autograd/record.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/max_pool2d.h>
#include <cuttle/core/tensor_impl.h>

#include <cmath>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Tape : public DeviceTest {
 protected:
  Tensor leaf(std::initializer_list<double> values) const {
    return tensor(values).to(device()).requires_grad_();
  }
};
CUTTLE_INSTANTIATE_DEVICES(Tape);

std::vector<double> list(const Tensor& x) {
  return x.to_vector<double>();
}
using V = std::vector<double>;

TEST_P(Tape, Accumulates) {
  const Tensor x = leaf({1, 2});
  (x * 3).sum().backward();
  (x * 4).sum().backward();
  EXPECT_EQ(list(x.grad()), (V{7, 7}));
  Tensor(x).set_grad({});
  EXPECT_FALSE(x.grad().defined());
  x.sum().backward();
  EXPECT_EQ(list(x.grad()), (V{1, 1}));
}

TEST_P(Tape, DiamondsAndSharedSubgraphs) {
  const Tensor x = leaf({2, 3});
  const Tensor shared = x * x;  // 2x
  const Tensor left = shared * 3, right = shared * shared;
  (left + right + shared + x).sum().backward();
  // 3·2x + 2x²·2x + 2x + 1
  EXPECT_EQ(list(x.grad()), (V{12 + 32 + 4 + 1, 18 + 108 + 6 + 1}));
  // 2^40 ways through 40 doublings, each node once.
  const Tensor y = leaf({1});
  Tensor z = y;
  for (int i = 0; i < 40; ++i) z = z + z;
  z.sum().backward();
  EXPECT_EQ(y.grad().item(), 0x1p40);
}

TEST_P(Tape, OneTensorInSeveralPlacesOfOneOperation) {
  const Tensor x = leaf({2});
  cat({x, x, x}).sum().backward();
  EXPECT_EQ(x.grad().item(), 3);
  (x / x).sum().backward();
  EXPECT_EQ(x.grad().item(), 3);
}

TEST_P(Tape, FreesTheGraphUnlessAskedNotTo) {
  const Tensor x = leaf({2});
  const Tensor y = (x * x).sum();
  y.backward({}, /*retain_graph=*/true);
  y.backward();
  EXPECT_EQ(x.grad().item(), 8);
  EXPECT_EQ(error_of([&] { y.backward(); }),
            "backward: the graph behind 'mul' was freed by an earlier backward(); pass "
            "retain_graph = true to the first one, or run the forward again");
  EXPECT_EQ(x.grad().item(), 8);
}

TEST_P(Tape, ReplayedNodesLetGoOfWhatTheySaved) {
  const Tensor x = leaf({2});
  Tensor y;
  std::weak_ptr<TensorImpl> watched;
  {
    const Tensor inner = x * 2;
    watched = inner.impl().weak_from_this();
    y = (inner * inner).sum();
  }
  EXPECT_FALSE(watched.expired());
  y.backward();
  EXPECT_TRUE(watched.expired());
}

TEST_P(Tape, NoOperationKeepsItsOwnResultAlive) {
  const Tensor x = leaf({0.5, 2});
  for (const auto op : {&Tensor::exp, &Tensor::sqrt, &Tensor::relu, &Tensor::sigmoid, &Tensor::tanh,
                        &Tensor::log, &Tensor::abs, &Tensor::neg}) {
    std::weak_ptr<TensorImpl> watched;
    { watched = (x.*op)().impl().weak_from_this(); }
    EXPECT_TRUE(watched.expired());
  }
  std::weak_ptr<TensorImpl> watched;
  { watched = x.softmax(0).impl().weak_from_this(); }
  EXPECT_TRUE(watched.expired());
}

TEST_P(Tape, NoGradAndDetach) {
  const Tensor x = leaf({2});
  {
    const NoGradGuard no_grad;
    EXPECT_FALSE((x * 2).requires_grad());
    {
      const GradMode on(true);
      EXPECT_TRUE((x * 2).requires_grad());
    }
    EXPECT_FALSE(is_grad_enabled());
  }
  EXPECT_TRUE(is_grad_enabled());
  const Tensor y = x * 3;
  EXPECT_FALSE(y.detach().requires_grad());
  EXPECT_EQ(y.detach().raw_data(), y.raw_data());
  (y.detach() * x).sum().backward();
  EXPECT_EQ(x.grad().item(), 6);
  EXPECT_EQ(y.grad_fn(), "mul");
  EXPECT_EQ(x.grad_fn(), "");
  EXPECT_TRUE(x.is_leaf());
  EXPECT_FALSE(y.is_leaf());
}

TEST_P(Tape, BackwardRefusals) {
  const Tensor x = leaf({1, 2});
  EXPECT_EQ(
      error_of([&] { x.detach().sum().backward(); }),
      "backward: the tensor of shape [] does not depend on anything that requires a gradient; "
      "was it computed under NoGradGuard, or from parameters without requires_grad?");
  EXPECT_EQ(error_of([&] { (x * 2).backward(); }),
            "backward: a tensor of shape [2] has several elements: call it on a scalar such as a "
            "loss, or pass the gradient");
  const std::string place = device().str();
  EXPECT_EQ(error_of([&] { (x * 2).backward(ones({3}, {.device = device()})); }),
            "backward: the gradient (shape [3], float32, " + place +
                ") must be like the tensor (shape [2], float64, " + place + ")");
  Tensor y = x * 2;
  EXPECT_EQ(error_of([&] { y.requires_grad_(false); }),
            "requires_grad_: the result of 'mul' cannot stop requiring a gradient; use detach()");
  EXPECT_EQ(error_of([&] { arange(3).requires_grad_(); }),
            "requires_grad_: only floating-point tensors have gradients, this one is int64");
  EXPECT_EQ(error_of([&] { Tensor(x).set_grad(ones({3}, {.device = device()})); }),
            "set_grad: the gradient (shape [3], float32, " + place +
                ") must be like the tensor (shape [2], float64, " + place + ")");
  EXPECT_EQ(error_of([] { Tensor().backward(); }),
            "backward: got an undefined tensor; was a default-constructed Tensor never assigned?");
}

TEST_P(Tape, AWrongBackwardIsNamed) {
  const Tensor x = leaf({1, 2});
  const auto broken = [&](std::vector<Tensor> gradients) {
    return record("broken", x.detach().clone(), {x},
                  [gradients](const Tensor&, const NeededInputs&) { return gradients; });
  };
  EXPECT_EQ(error_of([&] { broken({ones({3})}).sum().backward(); }),
            "backward of 'broken' gave a gradient of shape [3] and dtype float32 for an input of "
            "shape [2] and dtype float64");
  EXPECT_EQ(error_of([&] { broken({}).sum().backward(); }),
            "backward of 'broken' gave 0 gradients for 1 inputs");
  EXPECT_TRUE(is_grad_enabled());  // as it was before the failed replay
  EXPECT_EQ(replayed_node(), nullptr);
}

TEST_P(Tape, GradWithRespectToLeavesResultsAndStrangers) {
  const Tensor x = leaf({2}), w = leaf({3}), stranger = leaf({1});
  const Tensor h = x * w, y = (h * h).sum();
  const auto g = grad(y, {x, h, stranger, y, x}, {}, {.retain_graph = true, .allow_unused = true});
  EXPECT_EQ(g[0].item(), 36);
  EXPECT_EQ(g[1].item(), 12);
  EXPECT_FALSE(g[2].defined());
  EXPECT_EQ(g[3].item(), 1);
  EXPECT_EQ(g[4].item(), 36);
  EXPECT_FALSE(x.grad().defined());
  EXPECT_FALSE(w.grad().defined());
  EXPECT_EQ(error_of([&] {
              (void)grad(y, {x, stranger}, {}, {.retain_graph = true});
            }),
            "grad: no output depends on input 1 (shape [1]); leave it out, or pass allow_unused = "
            "true for an undefined tensor in its place");
  EXPECT_EQ(grad(y, {w}, full({}, 0.5, {.dtype = float64, .device = device()}))[0].item(), 12);
  EXPECT_EQ(error_of([&] { (void)grad(y, {x.detach()}); }),
            "grad: an input of shape [1] does not require a gradient; call requires_grad_() on it "
            "before the forward");
}

TEST_P(Tape, TheRootsOwnGradientTakesNoKernelAndStaysOne) {
  const Tensor x = leaf({2}), loss = x.view(Shape{});
  (void)launched_kernels();
  (void)grad(loss * loss, {x}, {}, {.retain_graph = true});
  EXPECT_EQ(launched_kernels().find("Constant"), std::string::npos);
  // Whoever writes to what came of it writes to memory of his own.
  Tensor root = grad(loss, {loss}, {}, {.retain_graph = true})[0];
  Tensor view = grad(loss, {x}, {}, {.retain_graph = true})[0];
  loss.backward({}, /*retain_graph=*/true);
  Tensor stored = x.grad();
  for (Tensor* gradient : {&root, &view, &stored}) {
    EXPECT_EQ(gradient->item(), 1);
    gradient->fill_(7);
  }
  const Tensor y = leaf({2}).squeeze(0);
  EXPECT_EQ(grad(y, {y})[0].item(), 1);
  const Tensor z = rand(Shape{}, {.dtype = float64, .device = device(), .requires_grad = true});
  z.backward();
  z.backward();
  EXPECT_EQ(z.grad().item(), 2);
  EXPECT_EQ(grad(y, {y})[0].item(), 1);
}

// Ways that lead to no captured tensor are not replayed, so they may be broken.
TEST_P(Tape, GradReplaysOnlyWhatItNeeds) {
  const Tensor x = leaf({2}), w = leaf({3});
  bool replayed = false;
  const Tensor side =
      record("side", w.detach().clone(), {w}, [&](const Tensor& gradient, const NeededInputs&) {
        replayed = true;
        return std::vector<Tensor>{gradient};
      });
  const Tensor y = x * side;
  EXPECT_EQ(grad(y, {x}, {}, {.retain_graph = true})[0].item(), 3);
  EXPECT_FALSE(replayed);
  y.backward();
  EXPECT_TRUE(replayed);
}

TEST_P(Tape, BackwardsSeeWhichGradientsAreNeeded) {
  const Tensor x = sample({2, 3}, device()), w = variable({3, 2}, device());
  std::vector<bool> seen;
  const Tensor y = record("watched", (x * 1).detach(), {x, Tensor(), w.sum()},
                          [&](const Tensor&, const NeededInputs& needed) {
                            seen = needed;
                            return std::vector<Tensor>(3);
                          });
  y.sum().backward();
  EXPECT_EQ(seen, (std::vector<bool>{false, false, true}));
  EXPECT_FALSE(w.grad().defined());  // nothing arrived
}

// The first layer's input gets no gradient, and its memory is not even asked for.
TEST_P(Tape, TheFirstConvolutionsInputGetsNoGradient) {
  const auto allocations_of_backward = [&](bool input_needs_gradient) {
    Tensor x = sample({2, 3, 8, 8}, device(), float32).requires_grad_(input_needs_gradient);
    Tensor w = sample({4, 3, 3, 3}, device(), float32).requires_grad_();
    const Tensor loss = conv2d(x, w, {}, {.padding = 1}).sum();
    const auto count = [&] {
      return x.is_cpu() ? cpu::memory_stats().allocations : cuda::memory_stats().allocations;
    };
    const uint64_t before = count();
    loss.backward();
    EXPECT_EQ(x.grad().defined(), input_needs_gradient);
    return count() - before;
  };
  EXPECT_LT(allocations_of_backward(false), allocations_of_backward(true));
}

TEST_P(Tape, DeepChains) {
  for (const bool replay : {true, false}) {
    // The factor is saved, the running product too: destruction meets it by both ways.
    const Tensor x = leaf({1}), one = leaf({1});
    Tensor y = x;
    for (int i = 0; i < 100000; ++i) y = i % 2 ? y * one : y + 0;
    if (!replay) continue;  // destroyed without a replay
    y.sum().backward();
    EXPECT_EQ(x.grad().item(), 1);
    EXPECT_EQ(one.grad().item(), 50000);
  }
}

TEST_P(Tape, TwoRunsGiveTheSameBits) {
  const auto run = [&] {
    Tensor x = sample({8, 3, 12, 12}, device(), float32, -1, 1, 1).requires_grad_();
    Tensor w = sample({5, 3, 3, 3}, device(), float32, -1, 1, 2).requires_grad_();
    Tensor m = sample({180, 7}, device(), float32, -1, 1, 3).requires_grad_();
    const Tensor h = max_pool2d(conv2d(x, w, {}, {.padding = 1}).relu(), 2).flatten(1);
    const Tensor y = matmul(h, m).log_softmax(1);
    (y * y).mean().backward();
    auto all = x.grad().to_vector<float>();
    for (const Tensor& t : {w, m})
      for (const float v : t.grad().to_vector<float>()) all.push_back(v);
    return all;
  };
  const auto first = run();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(run(), first);
}

}  // namespace
}  // namespace cuttle::test
