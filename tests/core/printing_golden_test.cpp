// Tensors as text, letter by letter PyTorch's (tests/golden/generate_core.py), but for the names of
// dtypes and of grad_fn.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/ops/arithmetic.h>

#include <sstream>

#include "golden_values.h"
#include "samples.h"
#include "support/devices.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

TEST(PrintingGolden, SameText) {
  for (const auto& c : load_golden("core.json")["printing"]) {
    const DType dtype = dtype_from_name(c["dtype"].get<std::string>());
    const Tensor x = tensor(numbers(c["values"]), shape_of(c["shape"]), {.dtype = dtype});
    EXPECT_EQ(x.str(), c["text"].get<std::string>());
  }
}

TEST(PrintingGolden, IntegersKeepAllDigits) {
  EXPECT_EQ(tensor<int64_t>({9007199254740993, -1}).str(),
            "tensor([9007199254740993,               -1])");
}

TEST(PrintingGolden, ShowsThePlaceOnTheTape) {
  Tensor x = ones({2}).requires_grad_();
  EXPECT_EQ(x.str(), "tensor([1., 1.], requires_grad=True)");
  EXPECT_EQ((x * 2).str(), "tensor([2., 2.], grad_fn=<mul>)");
  EXPECT_EQ(x.detach().str(), "tensor([1., 1.])");
  EXPECT_EQ(Tensor().str(), "tensor(undefined)");
  std::ostringstream out;
  out << x;
  EXPECT_EQ(out.str(), x.str());
}

class Printing : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(Printing);

TEST_P(Printing, ViewsPrintInLogicalOrder) {
  const Tensor x = arange(6, {.dtype = int64, .device = device()}).view({2, 3}).t();
  const std::string values = "tensor([[0, 3],\n        [1, 4],\n        [2, 5]]";
  EXPECT_EQ(x.str(), values + (x.is_cuda() ? ", device='cuda:0')" : ")"));
}

}  // namespace
}  // namespace cuttle::test
