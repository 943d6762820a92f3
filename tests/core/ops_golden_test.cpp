// Promotion, shapes of products, reductions, softmax and arange as PyTorch has them
// (tests/golden/generate_core.py).
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/linear.h>

#include "golden_values.h"
#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

class OpsGolden : public DeviceTest {
 protected:
  const nlohmann::json golden = load_golden("core.json");
};
CUTTLE_INSTANTIATE_DEVICES(OpsGolden);

TEST_P(OpsGolden, TensorsPromote) {
  ASSERT_EQ(golden["promotion"]["tensors"].size(), 10 * 10 * 4);
  for (const auto& c : golden["promotion"]["tensors"]) {
    const auto one = [&](int at) {
      return ones(Shape::filled(c[at + 1].get<int>(), 1),
                  {.dtype = dtype_from_name(c[at].get<std::string>()), .device = device()});
    };
    EXPECT_EQ(dtype_name((one(0) + one(2)).dtype()), c[4].get<std::string>()) << c;
    EXPECT_EQ(dtype_name((one(0) / one(2)).dtype()), c[5].get<std::string>()) << c;
  }
}

TEST_P(OpsGolden, ScalarsPromote) {
  for (const auto& c : golden["promotion"]["scalars"]) {
    const Tensor x = ones(Shape::filled(c[1].get<int>(), 1),
                          {.dtype = dtype_from_name(c[0].get<std::string>()), .device = device()});
    EXPECT_EQ(dtype_name((x + true).dtype()), c[2].get<std::string>()) << c;
    EXPECT_EQ(dtype_name((x + 1).dtype()), c[3].get<std::string>()) << c;
    EXPECT_EQ(dtype_name((x + 1.5).dtype()), c[4].get<std::string>()) << c;
    EXPECT_EQ(dtype_name((x / 2).dtype()), c[5].get<std::string>()) << c;
  }
}

TEST_P(OpsGolden, ShapesOfProducts) {
  for (const auto& c : golden["matmul_shapes"]) {
    const Tensor a = ones(c[0].get<std::vector<int64_t>>(), {.device = device()});
    const Tensor b = ones(c[1].get<std::vector<int64_t>>(), {.device = device()});
    if (c[2].is_null()) {
      EXPECT_THROW((void)matmul(a, b), Error) << c;
    } else {
      EXPECT_EQ(matmul(a, b).shape(), Shape(c[2].get<std::vector<int64_t>>())) << c;
    }
  }
}

TEST_P(OpsGolden, Reductions) {
  const auto& g = golden["reductions"];
  const Tensor x = tensor(numbers(g["x"]), {3, 4, 5}).to(device());
  for (const auto& c : g["cases"]) {
    const auto dims = c["dims"].get<std::vector<int64_t>>();
    const Tensor sum = x.sum(dims, c["keepdim"]), mean = x.mean(dims, c["keepdim"]);
    EXPECT_EQ(sum.shape(), shape_of(c["shape"])) << c["dims"];
    expect_near(sum, numbers(c["sum"]), 1e-12, 0, "sum");
    expect_near(mean, numbers(c["mean"]), 1e-12, 0, "mean");
  }
  for (const auto& c : g["argmax"]) {
    const Tensor out = x.argmax(c["dim"].get<int64_t>(), c["keepdim"].get<bool>());
    EXPECT_EQ(out.shape(), shape_of(c["shape"]));
    EXPECT_EQ(out.to_vector<int64_t>(), c["argmax"].get<std::vector<int64_t>>()) << c;
  }
  EXPECT_EQ(x.argmax().item<int64_t>(), g["argmax_all"].get<int64_t>());
}

TEST_P(OpsGolden, SoftmaxOfExtremes) {
  const auto& g = golden["softmax"];
  const auto values = numbers(g["x"]);
  const Tensor x =
      tensor(values, {static_cast<int64_t>(values.size()) / 3, 3}, {.dtype = float32}).to(device());
  expect_same(x.softmax(1), numbers(g["softmax"]), 1e-30, 1e-6, "softmax");
  expect_same(x.log_softmax(1), numbers(g["log_softmax"]), 1e-6, 1e-6, "log_softmax");
}

TEST_P(OpsGolden, Arange) {
  const auto scalar = [](const nlohmann::json& value) {
    return value.is_number_integer() ? Scalar(value.get<int64_t>()) : Scalar(value.get<double>());
  };
  for (const auto& c : golden["arange"]) {
    const Tensor x =
        arange(scalar(c["start"]), scalar(c["end"]), scalar(c["step"]),
               {.dtype = dtype_from_name(c["dtype"].get<std::string>()), .device = device()});
    if (x.dtype() == int64) {
      EXPECT_EQ(x.to_vector<int64_t>(), c["values"].get<std::vector<int64_t>>()) << c;
    }
    // start + i · step, rounded once in one library and twice in the other.
    expect_near(x, numbers(c["values"]), 0, x.dtype() == float32 ? 2e-7 : 1e-15, c.dump());
  }
}

}  // namespace
}  // namespace cuttle::test
