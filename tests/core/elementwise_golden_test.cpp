// Values and gradients of every row of the elementwise table at edges, as PyTorch has them
// (tests/golden/generate_elementwise.py).
#include <cuttle/core/autograd/backward.h>

#include "elementwise_rows.h"
#include "golden_values.h"
#include "support/devices.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

const char* const kSections[] = {"unary", "binary", "ternary"};

class ElementwiseGolden : public DeviceTest {
 protected:
  Tensor tensor_of(const nlohmann::json& list, DType dtype) const {
    if (is_floating_point(dtype)) {
      const std::vector<double> values = numbers(list);
      return tensor(values, {static_cast<int64_t>(values.size())}, {.dtype = dtype}).to(device());
    }
    std::vector<int64_t> values;
    for (const auto& value : list)
      values.push_back(value.is_boolean() ? value.get<bool>() : value.get<int64_t>());
    return tensor(values, {static_cast<int64_t>(values.size())}).to(dtype).to(device());
  }

  /// The operands that the script gave the row.
  std::vector<Tensor> operands(Elementwise op, DType dtype) const {
    const ElementwiseRow& row = kernels::row_of(op);
    const auto& inputs = golden[kSections[row.operands - 1]]["inputs"];
    if (row.operands == 1) return {tensor_of(inputs[std::string(dtype_name(dtype))], dtype)};
    std::vector<Tensor> all;
    if (row.operands == 3) {
      for (const auto& list : inputs) all.push_back(tensor_of(list, dtype));
      if (op == Elementwise::where) all[0] = all[0] > 0;
      return all;
    }
    return pairs(op, inputs[std::string(dtype_name(dtype))], dtype);
  }

  const nlohmann::json golden = load_golden("elementwise.json");

 private:
  std::vector<Tensor> pairs(Elementwise op, const nlohmann::json& values, DType dtype) const {
    const bool floating = is_floating_point(dtype);
    const bool divides =
        !floating && (op == Elementwise::div_trunc || op == Elementwise::fmod ||
                      op == Elementwise::floor_divide || op == Elementwise::remainder);
    const bool shifts =
        op == Elementwise::bitwise_left_shift || op == Elementwise::bitwise_right_shift;
    const int64_t bits = 8 * static_cast<int64_t>(element_size(dtype));
    nlohmann::json a = nlohmann::json::array(), b = nlohmann::json::array();
    for (const auto& x : values)
      for (const auto& y : values) {
        if (divides && (y == 0 || (x == values[0] && y == -1))) continue;
        if (shifts && (y < 0 || y >= bits)) continue;
        a.push_back(x);
        b.push_back(y);
      }
    return {tensor_of(a, dtype), tensor_of(b, dtype)};
  }
};
CUTTLE_INSTANTIATE_DEVICES(ElementwiseGolden);

// Both libraries' functions are good to a few units in the last place.
double tolerance(DType dtype) {
  return dtype == float32 ? 2e-6 : 1e-14;
}

// A few of the smallest subnormal numbers. PyTorch's gelu and elu subtract from 1.
double absolute_tolerance(Elementwise op, DType dtype) {
  const bool cancels = op == Elementwise::gelu || op == Elementwise::gelu_tanh ||
                       op == Elementwise::elu || op == Elementwise::mish;
  if (cancels) return dtype == float32 ? 4e-7 : 1e-15;
  return dtype == float32 ? 1e-44 : 1e-322;
}

void expect_values(Elementwise op, const Tensor& y, const nlohmann::json& expected,
                   const std::string& what) {
  if (!is_floating_point(y.dtype())) {
    std::vector<int64_t> values;
    for (const auto& value : expected)
      values.push_back(value.is_boolean() ? value.get<bool>() : value.get<int64_t>());
    EXPECT_EQ(y.to_vector<int64_t>(), values) << what;
    return;
  }
  const auto wanted = numbers(expected);
  expect_same(y, wanted, absolute_tolerance(op, y.dtype()), tolerance(y.dtype()), what);
  if (absolute_tolerance(op, y.dtype()) > 1e-30) return;  // nor are the signs of zeros right
  const auto found = y.to_vector<double>();
  for (size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i] == 0) {
      EXPECT_EQ(std::signbit(found[i]), std::signbit(wanted[i])) << what << i;
    }
}

TEST_P(ElementwiseGolden, ValuesOfEveryRow) {
  for (const Elementwise op : all_rows()) {
    const auto& rows = golden[kSections[kernels::row_of(op).operands - 1]]["rows"];
    ASSERT_TRUE(rows.contains(row_name(op))) << row_name(op) << " has no golden values";
    int checked = 0;
    for (const auto& [type, expected] : rows[row_name(op)].items()) {
      if (type == "gradients") continue;
      const DType dtype = dtype_from_name(type);
      expect_values(op, run_row(op, operands(op, dtype)), expected,
                    row_name(op) + " of " + type + " ");
      ++checked;
    }
    EXPECT_GT(checked, 0) << row_name(op);
  }
}

TEST_P(ElementwiseGolden, GradientsOfEveryRow) {
  for (const Elementwise op : all_rows()) {
    const ElementwiseRow& row = kernels::row_of(op);
    if (!row.keeps.differentiable) continue;
    const auto& expected = golden[kSections[row.operands - 1]]["rows"][row_name(op)];
    if (op == Elementwise::masked) continue;  // a gradient itself
    ASSERT_TRUE(expected.contains("gradients")) << row_name(op) << " has no golden gradients";
    for (const bool recorded : {false, true}) {
      std::vector<Tensor> x = operands(op, float64), leaves;
      for (Tensor& input : x)
        if (is_floating_point(input.dtype())) leaves.push_back(input.requires_grad_());
      const Tensor y = run_row(op, x);
      std::vector<double> weight;
      for (int64_t i = 0; i < y.numel(); ++i) weight.push_back(static_cast<double>(i % 3 + 1));
      const auto found = grad(y, leaves, tensor(weight).to(device()), {.create_graph = recorded});
      const size_t skipped = x.size() - leaves.size();
      for (size_t k = 0; k < leaves.size(); ++k)
        expect_same(found[k], numbers(expected["gradients"][k + skipped]), 1e-320, 1e-12,
                    "gradient " + std::to_string(k) + " of " + row_name(op) +
                        (recorded ? ", recorded" : ""));
    }
  }
}

}  // namespace
}  // namespace cuttle::test
