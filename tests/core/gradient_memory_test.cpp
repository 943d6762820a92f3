// What gradients cost in memory: views and expanded numbers stay what they are on the way, sums are
// made in place, and neither many steps nor large graphs take more than they must.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/record.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/conv2d_pool.h>
#include <cuttle/core/ops/linear.h>
#include <cuttle/core/ops/losses/cross_entropy.h>
#include <cuttle/core/tensor_impl.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

using Tensors = std::vector<Tensor>;

class GradientMemory : public DeviceTest {
 protected:
  MemoryStats stats() const {
    return device().is_cpu() ? cpu::memory_stats() : cuda::memory_stats();
  }
  Tensor leaf(const Shape& shape) const {
    return ones(shape, {.device = device(), .requires_grad = true});
  }
};
CUTTLE_INSTANTIATE_DEVICES(GradientMemory);

// The gradient of each is one number in all places: 4 bytes, not 4 MB.
TEST_P(GradientMemory, ExpandedNumbersStayOneNumber) {
  const std::vector<std::pair<std::string, std::function<Tensor(const Tensor&)>>> functions = {
      {"sum", [](const Tensor& x) { return x.sum(); }},
      {"mean", [](const Tensor& x) { return x.mean(); }},
      {"sum of dims", [](const Tensor& x) { return x.sum(0).mean() + 2; }},
      {"reshape", [](const Tensor& x) { return x.reshape({-1}).sum(); }},
      {"permute and view", [](const Tensor& x) { return x.permute(2, 0, 1).unsqueeze(1).mean(); }},
      {"contiguous", [](const Tensor& x) { return x.transpose(0, 2).contiguous().sum() * 3; }},
      {"clone", [](const Tensor& x) { return x.clone().flatten().sum(); }},
      {"plus a constant", [](const Tensor& x) { return (x + 1).sum(); }},
      {"expand",
       [](const Tensor& x) {
         return x.expand({2, 64, 128, 128}).sum().mean();
       }},
  };
  for (const auto& [name, function] : functions) {
    const Tensor x = leaf({64, 128, 128});
    const Tensor y = function(x);
    const size_t before = stats().allocated_bytes;
    const Tensor g = grad(y, {x})[0];
    EXPECT_EQ(g.shape(), x.shape()) << name;
    if (name != "expand") {  // which sums what it had repeated
      EXPECT_LE(g.impl().storage->bytes(), 64) << name;
      EXPECT_LE(stats().allocated_bytes, before + 4096) << name;
    }
    EXPECT_EQ(g.select(0, 1).select(0, 2)[3].item(),
              grad(function(x), {x})[0].reshape({-1})[0].item())
        << name;
  }
}

TEST_P(GradientMemory, ViewsStayViews) {
  const Tensor x = leaf({100, 200}), w = sample({200, 100}, device(), float32);
  const Tensor y = x.t().reshape({200, 100});
  const Tensor g = grad(y, {x}, w)[0];
  EXPECT_EQ(g.strides(), (Strides{1, 100}));
  const Tensor parts = cat({x, leaf({50, 200})});
  const Tensor all = sample({150, 200}, device(), float32);
  const Tensor first = grad(parts * 1, {x}, all)[0];
  EXPECT_GT(first.impl().storage->bytes(), size_t{100 * 200 * 4});  // a part of the whole's
  EXPECT_EQ(g.to_vector<float>(), w.t().to_vector<float>());
}

// Four ways lead to x: the first gradient's memory takes the sum of all.
TEST_P(GradientMemory, SumsAreMadeInPlace) {
  const Tensor x = leaf({256, 256}), h = x * 1;
  const Tensor y = (h * 2).sum() + (h * 3).sum() + (h * 4).sum() + (h * 5).sum();
  const auto allocations = [&] {
    const uint64_t before = stats().allocations;
    const Tensor g = grad(y, {x}, {}, {.retain_graph = true})[0];
    const uint64_t after = stats().allocations;
    EXPECT_EQ(g.select(0, 0)[0].item(), 14);
    return after - before;
  };
  // A product for each of the four ways and one for h; no sum.
  EXPECT_EQ(allocations(), 5);
}

// What somebody else holds is not written: gradients that go to two places, a backward that gives
// a tensor of its own twice, the user's own.
TEST_P(GradientMemory, SumsSpareWhatOthersHold) {
  const Tensor kept = full({3}, 7, {.dtype = float32, .device = device()});
  const Tensor a = leaf({3}), b = leaf({3});
  const auto give_kept = [&](const Tensor& x) {
    return record("kept", x.detach() * 1, {x},
                  [kept](const Tensor&, const NeededInputs&) { return Tensors{kept}; });
  };
  const Tensor h = a * 1;
  (give_kept(h) + give_kept(h) + h + b).sum().backward();
  EXPECT_EQ(kept.to_vector<float>(), (std::vector<float>{7, 7, 7}));
  EXPECT_EQ(a.grad().to_vector<float>(), (std::vector<float>{15, 15, 15}));
  EXPECT_EQ(b.grad().to_vector<float>(), (std::vector<float>{1, 1, 1}));
  const Tensor seed = ones({3}, {.device = device()});
  const Tensor both = a * 1;
  backward({both, both * 2, both}, {seed, seed, seed});
  EXPECT_EQ(seed.to_vector<float>(), (std::vector<float>{1, 1, 1}));
}

// Many steps of a small network, and of a gradient penalty, hold their memory.
TEST_P(GradientMemory, ALoopHoldsItsMemory) {
  const Tensor x = sample({2, 1, 6, 6}, device(), float32), w = leaf({2, 1, 3, 3});
  const Tensor m = leaf({3, 8}), target = tensor<int64_t>({0, 2}).to(device());
  const auto step = [&](bool penalty) {
    const Tensor h = conv2d_max_pool2d(x, w, {}, {}, Activation::relu).flatten(1);
    const Tensor loss = cross_entropy(linear(h, m), target);
    Tensor(w).set_grad({});
    Tensor(m).set_grad({});
    if (!penalty) return loss.backward();
    const Tensors g = grad(loss, {w, m}, {}, {.create_graph = true});
    (g[0].pow(2).sum() + g[1].pow(2).sum()).backward();
  };
  const int steps = device().is_cpu() ? 1000 : 100;
  for (const bool penalty : {false, true}) {
    for (int i = 0; i < 20; ++i) step(penalty);
    const MemoryStats before = stats();
    for (int i = 0; i < steps; ++i) step(penalty);
    const MemoryStats after = stats();
    EXPECT_EQ(after.allocated_bytes, before.allocated_bytes);
    EXPECT_EQ(after.reserved_bytes, before.reserved_bytes);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which ask for every tensor
    EXPECT_EQ(after.system_allocations, before.system_allocations);
#endif
  }
}

// A million nodes are replayed and freed by loops: recursion would need a stack frame for each.
TEST_P(GradientMemory, AMillionNodes) {
  const int count = device().is_cpu() ? 1'000'000 : 50'000;
  const Tensor x = leaf({1});
  for (const bool replay : {true, false}) {
    Tensor y = x;
    for (int i = 0; i < count; i += 2) y = y.unsqueeze(0).squeeze(0);
    for (int i = 0; i < count / 10; ++i) y = y + 0;
    if (!replay) continue;  // freed as it is
    const Tensor g = grad(y, {x})[0];
    EXPECT_EQ(g.item(), 1);
    y.backward();
    EXPECT_EQ(x.grad().item(), 1);
  }
  // As wide as deep: all of them are inputs of one.
  Tensors parts;
  for (int i = 0; i < count / 20; ++i) parts.push_back(x * 2);
  EXPECT_EQ(grad(cat(parts).sum(), {x})[0].item(), count / 20 * 2);
}

}  // namespace
}  // namespace cuttle::test
