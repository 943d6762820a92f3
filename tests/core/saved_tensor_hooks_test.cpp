// Hooks on what backwards save: each saved tensor once, packed when it is recorded, with its place
// on the tape and its guard; and offloading to the host.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/function.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/autograd/saved_tensor_hooks.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/conv2d_pool.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/losses/cross_entropy.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using V = std::vector<double>;
using Tensors = std::vector<Tensor>;

class SavedHooks : public DeviceTest {
 protected:
  Tensor leaf(std::initializer_list<double> values) const {
    return tensor(values).to(device()).requires_grad_();
  }
  size_t allocated() const {
    return device().is_cpu() ? cpu::memory_stats().allocated_bytes
                             : cuda::memory_stats().allocated_bytes;
  }
};
CUTTLE_INSTANTIATE_DEVICES(SavedHooks);

std::any keep(const Tensor& saved) {
  return saved.clone();
}
Tensor give(const std::any& packed) {
  return std::any_cast<Tensor>(packed);
}

TEST_P(SavedHooks, SeeWhatIsRecordedAlone) {
  const Tensor x = leaf({2, 3}), constant = leaf({5, 7}).detach();
  std::vector<V> packed, unpacked;
  Tensor y;
  {
    const SavedTensorHooks hooks(
        [&](const Tensor& saved) -> std::any {
          EXPECT_FALSE(saved.requires_grad());
          EXPECT_FALSE(is_grad_enabled());
          packed.push_back(saved.to_vector<double>());
          (void)(x * 2).exp();  // of its own, unseen
          return keep(saved);
        },
        [&](const std::any& saved) {
          unpacked.push_back(give(saved).to_vector<double>());
          return give(saved);
        });
    (void)constant.exp();  // not recorded
    {
      const NoGradGuard no_grad;
      (void)x.exp();
    }
    (void)(x + constant);  // saves nothing
    EXPECT_TRUE(packed.empty());
    y = x * constant;  // the constant alone: d/dx needs no x
  }
  const Tensor z = y * y;  // behind the guard
  EXPECT_EQ(packed, (std::vector<V>{{5, 7}}));
  EXPECT_TRUE(unpacked.empty());
  z.sum().backward();
  EXPECT_EQ(unpacked, packed);
  EXPECT_EQ(x.grad().to_vector<double>(), (V{100, 294}));
}

TEST_P(SavedHooks, MayChangeTheTensor) {
  const Tensor x = leaf({2, 3});
  Tensor y;
  {
    const SavedTensorHooks hooks(keep, [](const std::any& packed) { return give(packed) * 10; });
    y = (x * x).sum();
  }
  y.backward();
  EXPECT_EQ(x.grad().to_vector<double>(), (V{40, 60}));
}

TEST_P(SavedHooks, TheInnermostCounts) {
  const Tensor x = leaf({2});
  int outer = 0, inner = 0;
  const auto counting = [](int& count) {
    return [&count](const Tensor& saved) -> std::any {
      ++count;
      return keep(saved);
    };
  };
  {
    const SavedTensorHooks first(counting(outer), give);
    (void)x.exp();
    {
      const SavedTensorHooks second(counting(inner), give);
      (void)x.exp();
      {
        const NoSavedTensorHooks none;
        (void)x.exp();
      }
    }
    (void)x.exp();
  }
  (void)x.exp();
  EXPECT_EQ(outer, 2);
  EXPECT_EQ(inner, 1);
}

TEST_P(SavedHooks, KeepThePlaceOnTheTape) {
  const Tensor x = variable({2, 3}, device()), w = variable({3, 2}, device(), -2, 2, 7);
  const TensorFunction f = [](const Tensors& in) {
    const SavedTensorHooks hooks(keep, give);
    const Tensor h = matmul(in[0], in[1]).tanh();
    return (h * h.exp()).softmax(1) * in[0].sum();
  };
  const auto checked = gradcheck(f, {x, w});
  EXPECT_TRUE(checked) << checked.message;
  // The gradient itself: inputs that were saved are leaves and results, outputs their own nodes.
  const auto first_checked = gradcheck(
      [&](const Tensors& in) {
        const EnableGradGuard on;  // for the finite differences, too
        Tensors x_and_w;
        for (const Tensor& t : in)
          x_and_w.push_back(t.requires_grad() ? t : t.detach().requires_grad_());
        const Tensor y = f(x_and_w);
        const Tensors g = grad((y * y).sum(), x_and_w, {}, {.create_graph = true});
        return g[0].sum() * g[1].sum();
      },
      {x, w}, {.step = 1e-5, .atol = 1e-4});
  EXPECT_TRUE(first_checked) << first_checked.message;
}

TEST_P(SavedHooks, GiveTheSameGradientsThroughANetwork) {
  const Tensor x = sample({2, 3, 8, 8}, device(), float32);
  const Tensor conv = sample({4, 3, 3, 3}, device(), float32).requires_grad_();
  const Tensor weight = sample({5, 64}, device(), float32).requires_grad_();
  const Tensor target = tensor({int64_t{1}, int64_t{4}}).to(device());
  const auto gradients = [&] {
    const Tensor h = conv2d_max_pool2d(x, conv, {}, {.padding = 1}, Activation::relu);
    return grad(cross_entropy(linear(h.flatten(1), weight), target), {conv, weight});
  };
  const Tensors plain = gradients();
  int packed = 0;
  const SavedTensorHooks hooks(
      [&](const Tensor& saved) -> std::any {
        ++packed;
        return keep(saved);
      },
      give);
  const Tensors hooked = gradients();
  EXPECT_GE(packed, 5);
  for (size_t i = 0; i < plain.size(); ++i)
    EXPECT_EQ(hooked[i].to_vector<double>(), plain[i].to_vector<double>());
}

TEST_P(SavedHooks, WritesAreSeen) {
  const Tensor x = leaf({2});
  Tensor h = x * 3;
  Tensor y;
  {
    const SavedTensorHooks hooks(keep, give);
    y = (h * h).sum();
  }
  h.add_(1);
  EXPECT_EQ(
      error_of([&] { y.backward(); }),
      "backward: a tensor of shape [1] that 'mul' needs for its gradient was changed in place "
      "after it was used (it is at version 1, saved at 0); use the operation's out-of-place "
      "form, or clone() first");
}

TEST_P(SavedHooks, Functions) {
  struct Exp : Function<Exp> {
    static Tensor forward(FunctionContext* ctx, const Tensor& x) {
      const Tensor y = x.exp();
      ctx->save_for_backward({y});
      return y;
    }
    static Tensors backward(FunctionContext* ctx, Tensors gradients) {
      return {gradients[0] * ctx->get_saved_variables()[0]};
    }
  };
  const Tensor x = leaf({1});
  int packed = 0;
  Tensor y;
  {
    const SavedTensorHooks hooks(
        [&](const Tensor& saved) -> std::any {
          ++packed;
          return keep(saved);
        },
        give);
    y = Exp::apply(x);
  }
  EXPECT_EQ(packed, 1);
  const Tensor first = grad(y, {x}, {}, {.create_graph = true})[0];
  EXPECT_EQ(grad(first, {x})[0].item(), y.item());
}

TEST_P(SavedHooks, Refusals) {
  const Tensor x = leaf({2, 3});
  EXPECT_EQ(error_of([] { const SavedTensorHooks hooks(keep, {}); }),
            "SavedTensorHooks: pack and unpack are both needed, one is an empty function");
  EXPECT_EQ(SavedTensorHooks::current(), nullptr);
  const std::string place = device().str();
  {
    const SavedTensorHooks hooks(keep, [](const std::any& p) { return give(p).sum(); });
    const Tensor y = (x * x).sum();
    EXPECT_EQ(error_of([&] { y.backward(); }),
              "SavedTensorHooks: unpack gave a tensor of shape [] in place of one of shape [2] "
              "(float64, " +
                  place + ") that was packed; it must give the same");
  }
  const SavedTensorHooks hooks(
      [](const Tensor& saved) -> std::any {
        Tensor(saved).add_(1);
        return saved;
      },
      give);
  EXPECT_EQ(
      error_of([&] { (void)x.exp(); }),
      "SavedTensorHooks: pack wrote to the tensor of shape [2] that it was given; it must make "
      "another one");
}

TEST_P(SavedHooks, OffloadToTheHost) {
  const Tensor x = sample({64, 64}, device(), float32).requires_grad_();
  const auto chain = [&] {
    Tensor h = x;
    for (int i = 0; i < 8; ++i) h = h.sigmoid();
    return h.sum();
  };
  const size_t before = allocated();
  const Tensor plain = chain();
  const size_t held = allocated() - before;
  const size_t start = allocated();
  Tensor offloaded;
  {
    const SaveOnCpu offload;
    offloaded = chain();
  }
  if (!device().is_cpu()) {
    EXPECT_LT(allocated() - start, held / 4);
  }
  const Tensor expected = grad(plain, {x})[0], actual = grad(offloaded, {x})[0];
  EXPECT_EQ(actual.to_vector<float>(), expected.to_vector<float>());
  EXPECT_EQ(actual.device(), device());
}

}  // namespace
}  // namespace cuttle::test
