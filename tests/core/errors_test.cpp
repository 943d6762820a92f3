// What a wrong use leaves behind: nothing. (What is said of each: wrong_uses.)
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/losses/cross_entropy.h>

#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class Errors : public DeviceTest {
 protected:
  Tensor f(const Shape& shape) const { return ones(shape, {.device = device()}); }
  Tensor i(const Shape& shape) const { return ones(shape, {.dtype = int64, .device = device()}); }
};
CUTTLE_INSTANTIATE_DEVICES(Errors);

// On a GPU the error comes with the next wait for the device.
TEST_P(Errors, ATargetOutOfRange) {
  for (const int64_t bad : {int64_t{3}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
    const Tensor target = tensor<int64_t>({0, bad}).to(device());
    const std::string sentence = error_of([&] { (void)cross_entropy(f({2, 3}), target).item(); });
    EXPECT_EQ(sentence.find("cross_entropy: "), 0) << sentence;
    EXPECT_EQ(cross_entropy(f({2, 3}), i({2})).dim(), 0);  // and the device goes on
    EXPECT_NEAR(cross_entropy(f({2, 3}), i({2})).item(), 1.0986123, 1e-6);
  }
}

}  // namespace
}  // namespace cuttle::test
