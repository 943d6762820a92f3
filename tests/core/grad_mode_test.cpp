// Grad modes, inference mode and its tensors, detach_ and the rules of leaves.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>

#include <thread>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class GradModes : public DeviceTest {
 protected:
  Tensor leaf(std::initializer_list<double> values) const {
    return tensor(values).to(device()).requires_grad_();
  }
  Tensor made_in_inference(std::initializer_list<double> values) const {
    const InferenceMode inference;
    return tensor(values).to(device());
  }
};
CUTTLE_INSTANTIATE_DEVICES(GradModes);

TEST_P(GradModes, GuardsWithinEachOther) {
  const Tensor x = leaf({2});
  {
    const NoGradGuard no_grad;
    {
      const EnableGradGuard enable_grad;
      EXPECT_TRUE((x * 2).requires_grad());
    }
    EXPECT_FALSE((x * 2).requires_grad());
  }
  EXPECT_TRUE(is_grad_enabled());
}

TEST_P(GradModes, SetForTheThread) {
  const Tensor x = leaf({2});
  set_grad_enabled(false);
  EXPECT_FALSE((x * 2).requires_grad());
  bool elsewhere = false;
  std::thread([&] { elsewhere = is_grad_enabled(); }).join();
  EXPECT_TRUE(elsewhere);
  set_grad_enabled(true);
  EXPECT_TRUE((x * 2).requires_grad());
}

TEST_P(GradModes, InferenceModeRecordsNothing) {
  const Tensor x = leaf({2});
  {
    const InferenceMode inference;
    EXPECT_TRUE(is_inference_mode_enabled());
    const Tensor y = x * 2;
    EXPECT_FALSE(y.requires_grad());
    EXPECT_TRUE(y.is_inference());
    EXPECT_FALSE(x.is_inference());
    EXPECT_FALSE(x.view(1, 1).is_inference());  // a view of an ordinary tensor
    EXPECT_TRUE(y.view(1, 1).is_inference());
    const EnableGradGuard no_way;
    EXPECT_FALSE((x * 2).requires_grad());
    set_grad_enabled(true);
    EXPECT_FALSE((x * 2).requires_grad());
    {
      const InferenceMode outside(false);
      EXPECT_TRUE((x * 2).requires_grad());
      EXPECT_FALSE((x * 2).is_inference());
    }
    EXPECT_TRUE(is_inference_mode_enabled());
  }
  EXPECT_FALSE(is_inference_mode_enabled());
  EXPECT_TRUE((x * 2).requires_grad());
}

TEST_P(GradModes, InferenceTensorsAreReadOutside) {
  const Tensor w = leaf({2, 3}), x = made_in_inference({5, 7});
  EXPECT_TRUE(x.is_inference());
  EXPECT_EQ((x * 2).to_vector<double>(), (std::vector<double>{10, 14}));
  EXPECT_FALSE((x * 2).is_inference());
  (w + x).sum().backward();  // an addition saves nothing
  EXPECT_EQ(w.grad().to_vector<double>(), (std::vector<double>{1, 1}));
  (void)x.exp();  // would save, but is not recorded
  (void)(w * 2);  // and is not in the way of what is
  const Tensor y = (w * x.clone()).sum();
  y.backward();
  EXPECT_EQ(w.grad().to_vector<double>(), (std::vector<double>{6, 8}));
}

TEST_P(GradModes, InferenceTensorsRefuseTheTape) {
  const Tensor w = leaf({2, 3});
  Tensor x = made_in_inference({5, 7});
  EXPECT_EQ(
      error_of([&] { (void)(w * x); }),
      "mul: an inference tensor of shape [2] cannot be saved for a backward, since writes to it "
      "are not counted; clone() it outside of InferenceMode, and use the clone");
  EXPECT_EQ(error_of([&] { x.add_(1); }),
            "add_: an inference tensor (shape [2]) cannot be changed in place outside of "
            "InferenceMode; clone() it first");
  EXPECT_EQ(error_of([&] { x[0] = 1; }),
            "fill_: an inference tensor (shape []) cannot be changed in place outside of "
            "InferenceMode; clone() it first");
  EXPECT_EQ(
      error_of([&] { x.requires_grad_(); }),
      "requires_grad_: an inference tensor cannot require a gradient outside of InferenceMode; "
      "clone() it first");
  EXPECT_EQ(error_of([&] { (void)x.version(); }),
            "version: writes to an inference tensor are not counted; clone() it outside of "
            "InferenceMode for one whose are");
  const InferenceMode inference;
  x.add_(1);
  EXPECT_EQ(x.to_vector<double>(), (std::vector<double>{6, 8}));
}

TEST_P(GradModes, WritesInInferenceModeAreSeenByTheTape) {
  const Tensor w = leaf({2, 3});
  Tensor x = leaf({5, 7}).detach();
  const Tensor y = (w * x).sum();
  {
    const InferenceMode inference;
    x.mul_(2);  // an ordinary tensor, whose writes are counted
  }
  EXPECT_NE(error_of([&] { y.backward(); }).find("changed in place"), std::string::npos);
}

TEST_P(GradModes, DetachInPlace) {
  const Tensor x = leaf({2});
  Tensor y = x * 3;
  const Tensor z = y * y;
  EXPECT_TRUE(y.detach_().is_same(y));
  EXPECT_TRUE(y.is_leaf());
  EXPECT_FALSE(y.requires_grad());
  EXPECT_EQ(y.grad_fn(), "");
  z.sum().backward();  // what was computed of it before keeps its way
  EXPECT_EQ(x.grad().item(), 36);
  Tensor view = (x * 3).view(1, 1);
  view.detach_();  // it alone holds the memory
  const Tensor base = x * 3;
  Tensor shared = base.view(1, 1);
  EXPECT_EQ(
      error_of([&] { shared.detach_(); }),
      "detach_: this tensor of shape [1, 1] is a view, whose base would keep its history; use "
      "detach(), or detach_() the base");
}

TEST_P(GradModes, LeavesAndResults) {
  const Tensor x = leaf({2}), constant = leaf({2}).detach();
  EXPECT_TRUE(x.is_leaf());
  EXPECT_TRUE(constant.is_leaf());
  EXPECT_TRUE((constant * 2).is_leaf());  // nothing to record
  Tensor y = x * 2;
  EXPECT_FALSE(y.is_leaf());
  y.requires_grad_();  // it does
  EXPECT_FALSE(y.is_leaf());
  EXPECT_EQ(error_of([&] { y.requires_grad_(false); }),
            "requires_grad_: the result of 'mul' cannot stop requiring a gradient; use detach()");
  Tensor leaf_again = y.detach().requires_grad_();
  EXPECT_TRUE(leaf_again.is_leaf());
  leaf_again.requires_grad_(false);
  EXPECT_FALSE(leaf_again.requires_grad());
  Tensor written = constant.clone();
  written.mul_(x);
  EXPECT_FALSE(written.is_leaf());
}

}  // namespace
}  // namespace cuttle::test
