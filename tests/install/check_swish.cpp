// Compares swish with the library's own operations, and its derivatives with finite differences, on
// every device that this Cuttle can use.
#include <cuttle/cuttle.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "swish.h"

using namespace cuttle;

static bool check(const Device& device) {
  const Tensor x = randn({3, 50}, {.dtype = float64}).to(device).t().requires_grad_();
  const double difference = (swish(x) - x * x.sigmoid()).abs().sum().item();
  const auto function = [](const std::vector<Tensor>& in) { return swish(in[0]); };
  const std::vector<Tensor> few = {randn({5}, {.dtype = float64}).to(device).requires_grad_()};
  const GradcheckResult first = gradcheck(function, few), second = gradgradcheck(function, few);
  std::printf(
      "swish on %s: off by %.1e; %s\n", device.str().c_str(), difference,
      first && second ? "its derivatives are right" : (first.message + second.message).c_str());
  return difference < 1e-12 && first && second;
}

int main() {
  bool right = check("cpu");
  if (cuda::is_available())
    right = check("cuda") && right;
  else
    std::printf("swish on cuda: SKIPPED, %s\n", cuda::why_unavailable().c_str());
  return right ? 0 : 1;
}
