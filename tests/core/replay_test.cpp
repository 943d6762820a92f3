// Replaying a graph again, and the cycle that create_graph makes.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/tensor_impl.h>
#include <cuttle/core/warning.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Replay : public DeviceTest {
 protected:
  Tensor leaf(std::initializer_list<float> values) const {
    return tensor(values).to(device()).requires_grad_();
  }
};
CUTTLE_INSTANTIATE_DEVICES(Replay);

// As in PyTorch: what saved nothing has lost nothing.
TEST_P(Replay, AnOperationThatSavesNothingCanBeReplayedAgain) {
  const Tensor x = leaf({1, 2}), y = leaf({3, 4});
  Tensor z = (x + y - 1).view(1, 2) * 3 - x / 2;
  z += y;
  const Tensor loss = (-cat({z, z.t().reshape(1, 2)})).sum();
  loss.backward();
  const auto dx = x.grad().to_vector<float>(), dy = y.grad().to_vector<float>();
  EXPECT_EQ(dx, (std::vector<float>{-5, -5}));  // -2 · (3 - 1/2)
  EXPECT_EQ(dy, (std::vector<float>{-8, -8}));  // -2 · (3 + 1)
  loss.backward();
  EXPECT_EQ(x.grad().to_vector<float>(), (std::vector<float>{-10, -10}));
  EXPECT_EQ(y.grad().to_vector<float>(), (std::vector<float>{-16, -16}));
}

TEST_P(Replay, AnythingSavedOnTheWayRefuses) {
  const Tensor x = leaf({1, 2});
  const Tensor loss = (x.exp() + x).sum();
  loss.backward();
  const auto once = x.grad().to_vector<float>();
  EXPECT_EQ(
      error_of([&] { loss.backward(); }),
      "backward: the graph behind 'exp' was freed by an earlier backward(); pass retain_graph = "
      "true to the first one, or run the forward again");
  EXPECT_EQ(x.grad().to_vector<float>(), once);  // not even the addition's part was added
}

TEST_P(Replay, CreateGraphWarnsOfTheCycleItMakes) {
  std::vector<std::string> heard;
  set_warning_handler([&](const std::string& sentence) { heard.push_back(sentence); });
  std::weak_ptr<TensorImpl> dropped, cleared, asked;
  {
    const Tensor x = leaf({1, 2}), y = leaf({1, 2}), z = leaf({1, 2});
    dropped = x.impl().weak_from_this();
    cleared = y.impl().weak_from_this();
    asked = z.impl().weak_from_this();
    (z * z).sum().backward();
    (void)grad((z * z).sum(), {z}, {}, {.create_graph = true});
    EXPECT_TRUE(heard.empty());
    (x * x).sum().backward({}, false, /*create_graph=*/true);
    (y * y).sum().backward({}, false, /*create_graph=*/true);
    Tensor(y).set_grad({});
  }
  set_warning_handler({});
  ASSERT_EQ(heard.size(), 2);
  EXPECT_EQ(
      heard[0],
      "backward(create_graph = true) makes a cycle of each parameter, its gradient and the graph "
      "between them, which is never freed by itself; use grad(), which makes none, or "
      "set_grad({}) on the parameters when done");
  EXPECT_TRUE(cleared.expired() && asked.expired());
  ASSERT_FALSE(dropped.expired());  // what the warning is about
  Tensor(dropped.lock()).set_grad({});
  EXPECT_TRUE(dropped.expired());
}

}  // namespace
}  // namespace cuttle::test
