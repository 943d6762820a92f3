// What holds for every row of the elementwise table: layouts, types, numbers in place of tensors,
// the in-place form, first and second derivatives. A new row is in all of it.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/ops/elementwise_backward.h>

#include "elementwise_rows.h"
#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class ElementwiseTable : public DeviceTest {
 protected:
  /// Operands in the row's smooth range; a condition is a bool tensor.
  std::vector<Tensor> operands(Elementwise op, DType dtype, const std::vector<Shape>& shapes) {
    std::vector<Tensor> all;
    for (size_t k = 0; k < kernels::row_of(op).operands; ++k) {
      const auto [low, high] = smooth_range(op, k);
      all.push_back(sample(shapes[k], device(), float64, low, high, k + 1).to(dtype));
    }
    if (op == Elementwise::where) all[0] = all[0] > 0.5;
    return all;
  }
  /// Small whole numbers but 0.
  std::vector<Tensor> whole_operands(Elementwise op, DType dtype, const Shape& shape) {
    std::vector<Tensor> all;
    for (size_t k = 0; k < kernels::row_of(op).operands; ++k)
      all.push_back(sample(shape, device(), float64, 1, 7, k + 1).to(int64).to(dtype));
    if (op == Elementwise::where) all[0] = all[0] > 3;
    return all;
  }
};
CUTTLE_INSTANTIATE_DEVICES(ElementwiseTable);

bool takes_whole_numbers(Elementwise op) {
  const auto takes = kernels::row_of(op).takes;
  return takes != kernels::table::real && takes != kernels::table::floating;
}
bool takes_floating(Elementwise op) {
  const auto takes = kernels::row_of(op).takes;
  return takes != kernels::table::integers && takes != kernels::table::whole;
}
bool is_floating_row(Elementwise op) {
  return kernels::row_of(op).keeps.differentiable;
}

void expect_equal(const Tensor& actual, const Tensor& expected, const std::string& what) {
  ASSERT_EQ(actual.shape(), expected.shape()) << what;
  ASSERT_EQ(actual.dtype(), expected.dtype()) << what;
  const auto a = actual.to_vector<double>(), e = expected.to_vector<double>();
  for (size_t i = 0; i < a.size(); ++i)
    ASSERT_TRUE(a[i] == e[i] || (std::isnan(a[i]) && std::isnan(e[i])))
        << what << ", element " << i << ": " << a[i] << ", expected " << e[i];
}

TEST_P(ElementwiseTable, LayoutsDoNotMatter) {
  for (const Elementwise op : all_rows()) {
    const DType dtype = takes_floating(op) ? float32 : int32;
    for (const Shape& shape : {Shape{}, Shape{0}, Shape{31, 33}, Shape{2, 3, 4, 5}}) {
      const size_t n = kernels::row_of(op).operands;
      std::vector<std::vector<std::pair<std::string, Tensor>>> all;
      for (size_t k = 0; k < n; ++k) {
        all.push_back(layouts(shape, device(), dtype, 0.2, 7.8));
        if (op == Elementwise::where && k == 0)
          for (auto& [name, x] : all[0]) x = x > 4;
      }
      for (size_t i = 0; i < all[0].size(); ++i) {
        std::vector<Tensor> x, dense;
        for (size_t k = 0; k < n; ++k) {  // each operand in another layout
          x.push_back(all[k][(i + k) % all[k].size()].second);
          dense.push_back(x.back().contiguous());
        }
        expect_equal(run_row(op, x), run_row(op, dense),
                     row_name(op) + " " + shape.str() + " " + all[0][i].first);
      }
    }
  }
}

TEST_P(ElementwiseTable, Broadcasts) {
  for (const Elementwise op : all_rows()) {
    const size_t n = kernels::row_of(op).operands;
    if (n == 1) continue;
    const DType dtype = takes_floating(op) ? float64 : int64;
    std::vector<Tensor> x = whole_operands(op, dtype, {3, 4});
    const Shape whole{2, 3, 4};
    x[0] = x[0].narrow(1, 0, 1).contiguous();                           // (3, 1)
    x[1] = x[1].narrow(0, 0, 2).contiguous().view({2, 1, 4});           // (2, 1, 4)
    if (n == 3) x[2] = x[2].narrow(0, 0, 1).contiguous().view({1, 4});  // (1, 4)
    std::vector<Tensor> expanded;
    for (const Tensor& operand : x) expanded.push_back(operand.expand(whole).contiguous());
    expect_equal(run_row(op, x), run_row(op, expanded), row_name(op));
  }
}

TEST_P(ElementwiseTable, NumbersStandForTensors) {
  for (const Elementwise op : all_rows()) {
    const size_t n = kernels::row_of(op).operands;
    for (size_t number = op == Elementwise::where ? 1 : 0; n > 1 && number < n; ++number) {
      const DType dtype = takes_floating(op) ? float64 : int64;
      std::vector<Tensor> x = whole_operands(op, dtype, {33});
      x[number] = full({33}, 2, {.dtype = dtype, .device = device()});
      std::vector<Argument> arguments(x.begin(), x.end());
      arguments[number] = Scalar(2);
      expect_equal(run_row(op, arguments), run_row(op, x), row_name(op) + std::to_string(number));
    }
  }
}

TEST_P(ElementwiseTable, NarrowIntegersCountAsInt64) {
  for (const Elementwise op : all_rows()) {
    if (!takes_whole_numbers(op)) continue;
    const Tensor wide = run_row(op, whole_operands(op, int64, {65}));
    for (const DType dtype : {int32, int16, int8, uint8}) {
      const bool is_negative = op == Elementwise::hardtanh || op == Elementwise::threshold;
      if (is_negative && dtype == uint8) continue;  // a parameter
      const Tensor narrow = run_row(op, whole_operands(op, dtype, {65}));
      const DType expected = wide.dtype() == int64 ? dtype : wide.dtype();
      expect_equal(narrow, wide.to(expected),
                   row_name(op) + " of " + std::string(dtype_name(dtype)));
    }
  }
}

TEST_P(ElementwiseTable, IntegersBecomeFloat32WhereValuesAreNotWhole) {
  for (const Elementwise op : all_rows()) {
    if (kernels::row_of(op).takes != kernels::table::floating) continue;
    std::vector<Tensor> whole = whole_operands(op, int64, {33}), real;
    for (const Tensor& x : whole) real.push_back(x.to(float32));
    expect_equal(run_row(op, whole), run_row(op, real), row_name(op));
  }
}

// Loaded, computed with in float32, rounded once.
TEST_P(ElementwiseTable, HalvesComputeInFloat32) {
  for (const Elementwise op : all_rows())
    for (const DType dtype : {float16, bfloat16}) {
      if (!takes_floating(op)) continue;
      std::vector<Tensor> half = operands(op, dtype, {{33}, {33}, {33}}), wide;
      for (const Tensor& x : half) wide.push_back(x.dtype() == boolean ? x : x.to(float32));
      const Tensor expected = run_row(op, wide);
      expect_equal(run_row(op, half), expected.dtype() == boolean ? expected : expected.to(dtype),
                   row_name(op) + " of " + std::string(dtype_name(dtype)));
    }
}

TEST_P(ElementwiseTable, GradientsOfEveryOrder) {
  for (const Elementwise op : all_rows()) {
    if (!is_floating_row(op)) continue;
    std::vector<Tensor> x = operands(op, float64, {{2, 3}, {3}, {2, 1}});
    if (op == Elementwise::masked) x[1] = x[1].detach();
    std::vector<Tensor> fixed, leaves;
    const bool first_fixed = op == Elementwise::where, second_fixed = op == Elementwise::masked;
    for (size_t k = 0; k < x.size(); ++k)
      if (!(first_fixed && k == 0) && !(second_fixed && k == 1))
        leaves.push_back(x[k].requires_grad_());
    const auto function = [&](const std::vector<Tensor>& in) -> std::vector<Tensor> {
      std::vector<Tensor> all = in;
      if (first_fixed) all.insert(all.begin(), x[0]);
      if (second_fixed) all.push_back(x[1]);
      return {run_row(op, all)};
    };
    const auto first = gradcheck(function, leaves);
    EXPECT_TRUE(first) << row_name(op) << ": " << first.message;
    const auto second = gradgradcheck(function, leaves);
    EXPECT_TRUE(second) << row_name(op) << ", twice: " << second.message;
  }
}

TEST_P(ElementwiseTable, GradientsBesideNumbers) {
  for (const Elementwise op : all_rows()) {
    const size_t n = kernels::row_of(op).operands;
    if (!is_floating_row(op) || n == 1 || op == Elementwise::masked) continue;
    for (size_t number = op == Elementwise::where ? 1 : 0; number < n; ++number) {
      std::vector<Tensor> x = operands(op, float64, {{4}, {4}, {4}});
      const double value = x[number].to_vector<double>()[0];
      std::vector<Tensor> leaves;
      for (size_t k = 0; k < n; ++k)
        if (k != number && x[k].dtype() == float64) leaves.push_back(x[k].requires_grad_());
      const auto function = [&](const std::vector<Tensor>& in) -> std::vector<Tensor> {
        std::vector<Argument> all(x.begin(), x.end());
        size_t next = 0;
        for (size_t k = 0; k < n; ++k)
          if (k == number)
            all[k] = Scalar(value);
          else if (x[k].dtype() == float64)
            all[k] = in[next++];
        return {run_row(op, all)};
      };
      const auto result = gradgradcheck(function, leaves);
      EXPECT_TRUE(result) << row_name(op) << " " << number << ": " << result.message;
    }
  }
}

TEST_P(ElementwiseTable, InPlaceIsTheSame) {
  for (const Elementwise op : all_rows()) {
    const DType dtype = takes_floating(op) ? float64 : int64;
    if (op == Elementwise::where) continue;  // its first operand is not what it gives
    std::vector<Tensor> x = operands(op, float64, {{5, 7}, {7}, {5, 1}});
    for (Tensor& operand : x) operand = dtype == int64 ? (operand * 10).to(int64) : operand;
    const Tensor expected = run_row(op, x);
    Tensor y = x[0].t().clone().t();  // another layout
    const uint64_t before = y.version();
    EXPECT_TRUE(run_row_in_place(op, y, x).is_same(y));
    expect_equal(y, expected.to(y.dtype()), row_name(op) + "_");
    EXPECT_GT(y.version(), before) << row_name(op);
  }
}

TEST_P(ElementwiseTable, InPlaceHasTheSameGradients) {
  for (const Elementwise op : all_rows()) {
    if (!is_floating_row(op) || op == Elementwise::where) continue;
    std::vector<Tensor> x = operands(op, float64, {{2, 3}, {3}, {2, 1}});
    if (op != Elementwise::masked)
      for (size_t k = 1; k < x.size(); ++k) x[k].requires_grad_();
    x[0].requires_grad_();
    const auto function = [&](const std::vector<Tensor>& in) -> std::vector<Tensor> {
      std::vector<Tensor> all = in;
      if (op == Elementwise::masked) all.push_back(x[1]);
      Tensor y = in[0] * 1;
      run_row_in_place(op, y, all);
      return {y};
    };
    const std::vector<Tensor> leaves = op == Elementwise::masked ? std::vector<Tensor>{x[0]} : x;
    const auto first = gradcheck(function, leaves);
    EXPECT_TRUE(first) << row_name(op) << "_: " << first.message;
    const auto second = gradgradcheck(function, leaves);
    EXPECT_TRUE(second) << row_name(op) << "_, twice: " << second.message;
  }
}

TEST_P(ElementwiseTable, RefusesDtypesThatItDoesNotTake) {
  namespace table = kernels::table;
  const Tensor truth = ones({2}, {.dtype = boolean, .device = device()});
  const Tensor real = ones({2}, {.dtype = float32, .device = device()});
  const Tensor whole = ones({2}, {.dtype = int64, .device = device()});
  for (const Elementwise op : all_rows()) {
    if (op == Elementwise::where) continue;
    const ElementwiseRow& row = kernels::row_of(op);
    const std::string name(spoken_name(op));
    const auto refusal = [&](const Tensor& x) {
      return error_of([&] { (void)run_row(op, std::vector<Tensor>(row.operands, x)); });
    };
    if (row.takes == table::numbers || row.takes == table::whole) {
      EXPECT_EQ(refusal(truth), name +
                                    ": not defined for bool; convert first, with "
                                    ".to(int64) for example");
    }
    if (row.takes == table::real) {
      EXPECT_EQ(refusal(whole), name +
                                    ": expected a floating dtype, got int64; convert "
                                    "first, with .to(float32) for example");
    }
    if (row.takes == table::integers || row.takes == table::whole) {
      EXPECT_EQ(refusal(real), name + ": expected an integer dtype" +
                                   (row.takes == table::integers ? " or bool" : "") +
                                   ", got float32; convert first, with .to(int64) for example");
    }
    EXPECT_EQ(refusal(Tensor()), name +
                                     ": got an undefined tensor; was a "
                                     "default-constructed Tensor never assigned?");
  }
}

}  // namespace
}  // namespace cuttle::test
