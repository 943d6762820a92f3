// The gradient that a leaf keeps: memory of its own, the leaf's layout, and leaves that move.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/tensor_impl.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class StoredGradient : public DeviceTest {
 protected:
  Tensor leaf(std::initializer_list<double> values) const {
    return tensor(values).to(device()).requires_grad_();
  }
};
CUTTLE_INSTANTIATE_DEVICES(StoredGradient);

std::vector<double> list(const Tensor& x) {
  return x.to_vector<double>();
}
using V = std::vector<double>;

TEST_P(StoredGradient, AliasesNothingOfTheUser) {
  const Tensor x = leaf({1, 2}), y = leaf({1, 2});
  Tensor seed = ones({2}, {.dtype = float64, .device = device()});
  x.view({2}).backward(seed);
  (x * 1 + y).backward(seed);
  EXPECT_NE(x.grad().raw_data(), seed.raw_data());
  EXPECT_NE(y.grad().raw_data(), seed.raw_data());
  x.grad().fill_(9);
  EXPECT_EQ(list(seed), (V{1, 1}));
  EXPECT_EQ(list(y.grad()), (V{1, 1}));
  // Gradients that reach two leaves as one tensor, and parts of one larger gradient.
  const Tensor a = leaf({1, 2}), b = leaf({3, 4});
  (a + b).sum().backward();
  a.grad().fill_(9);
  EXPECT_EQ(list(b.grad()), (V{1, 1}));
  const Tensor c = leaf({1}), d = leaf({2});
  (cat({c, d}) * 2).sum().backward();
  c.grad().fill_(9);
  EXPECT_EQ(d.grad().item(), 2);
}

TEST_P(StoredGradient, IsLaidOutAsTheLeaf) {
  Tensor x =
      sample({2, 3, 4, 5}, device()).contiguous(MemoryFormat::channels_last).requires_grad_();
  x.sum().backward();
  EXPECT_EQ(x.grad().strides(), x.strides());
  Tensor t = sample({4, 3}, device()).t().detach().requires_grad_();
  (t * 2).sum().backward();
  EXPECT_EQ(t.grad().strides(), t.strides());
  EXPECT_EQ(list(t.grad()), V(12, 2));
}

// A leaf whose memory was exchanged between forward and backward (Module::to): refused where the
// old values are needed, converted where they are not.
TEST_P(StoredGradient, LeavesThatMoveBetweenForwardAndBackward) {
  Tensor x = leaf({1, 2}), w = leaf({3, 4});
  const Tensor y = (x * w).sum(), z = x.sum();
  Tensor other = tensor({1.f, 2.f}).to(device());
  x.impl().set_data(other.impl());
  const std::string sentence = error_of([&] { y.backward(); });
  EXPECT_NE(sentence.find("was moved to " + device().str() + " as float32 after it was used"),
            std::string::npos)
      << sentence;
  z.backward();
  EXPECT_EQ(x.grad().dtype(), float32);
}

}  // namespace
}  // namespace cuttle::test
