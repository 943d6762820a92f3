// Scans, sorts, selections and counts against PyTorch's values: tests/golden/generate_ordering.py.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/ordering.h>
#include <cuttle/core/ops/scan.h>

#include <functional>
#include <map>

#include "golden_values.h"
#include "support/devices.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using nlohmann::json;
using Outputs = std::vector<Tensor>;
using Arguments = std::vector<int64_t>;

class OrderingGolden : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(OrderingGolden);

const json& golden() {
  static const json file = load_golden("ordering.json");
  return file;
}

Tensor input_of(const std::string& name, const Device& device) {
  const json& input = golden().at("inputs").at(name);
  const DType dtype = dtype_from_name(input.at("dtype").get<std::string>());
  const Shape shape = shape_of(input.at("shape"));
  if (is_floating_point(dtype))
    return tensor(numbers(input.at("values")), shape, {.dtype = dtype, .device = device});
  return tensor(input.at("values").get<std::vector<int64_t>>(), shape, {.dtype = int64})
      .to(device, dtype);
}

Tensor view_of(const Tensor& x, const std::string& view) {
  if (view == "transposed") return x.transpose(0, -1);
  if (view == "sliced") return x.slice(-1, 1, x.size(-1), 2);
  if (view == "expanded") return x.narrow(0, 0, 1).expand(x.shape());
  if (view == "flat") return x.flatten();
  return x;
}

// Multiples of a quarter from −1.25 to 1.25, exact in every floating type.
Tensor weights_of(const Tensor& y, DType dtype) {
  std::vector<double> values;
  for (int64_t i = 0; i < y.numel(); ++i) values.push_back(static_cast<double>(i * 7 % 11 - 5) / 4);
  return tensor(values, y.shape(), {.dtype = dtype, .device = y.device()});
}

Tensor mask_of(const Shape& shape, const Device& device) {
  std::vector<int64_t> values;
  for (int64_t i = 0; i < shape.numel(); ++i) values.push_back(i * 5 % 7 < 3);
  return tensor(values, shape).to(device, boolean);
}

Shape without_first(const Shape& shape) {
  return std::vector<int64_t>(shape.begin() + 1, shape.end());
}

Outputs both(const ValuesIndices& out) {
  return {out.values, out.indices};
}
Outputs all(const Uniques& out) {
  return {out.values, out.inverse, out.counts};
}

// True where the elements at the indices are the values: what the order of equals leaves of them.
void expect_found(const Tensor& x, int64_t dim, const ValuesIndices& out) {
  const int d = wrap_dim("test", dim, x.dim());
  const int64_t length = x.dim() == 0 ? 1 : x.size(d);
  const Tensor rows = x.dim() == 0 ? x.reshape({1}) : x.transpose(d, -1).contiguous();
  Tensor indices = out.indices, values = out.values;
  if (x.dim() == 0) indices = indices.reshape({1}), values = values.reshape({1});
  if (indices.dim() < rows.dim()) indices = indices.unsqueeze(d), values = values.unsqueeze(d);
  const auto at = indices.transpose(d, -1).to_vector<int64_t>();
  const auto found = values.transpose(d, -1).to_vector<double>();
  const auto elements = rows.to_vector<double>();
  const size_t picks = static_cast<size_t>(indices.size(d));
  for (size_t i = 0; i < at.size(); ++i) {
    ASSERT_TRUE(at[i] >= 0 && at[i] < length);
    const double element =
        elements[i / picks * static_cast<size_t>(length) + static_cast<size_t>(at[i])];
    ASSERT_TRUE(element == found[i] || (std::isnan(element) && std::isnan(found[i])));
  }
}

Outputs values_at(const Tensor& x, int64_t dim, const ValuesIndices& out) {
  expect_found(x.detach(), dim, out);
  return {out.values};
}

using Function = std::function<Outputs(const Tensor&, const Arguments&)>;

// The operations of generate_ordering.py.
const std::map<std::string, Function>& scans_and_sorts() {
  static const std::map<std::string, Function> all_of = {
      {"cumsum", [](auto& x, auto& a) { return Outputs{x.cumsum(a[0])}; }},
      {"cumprod", [](auto& x, auto& a) { return Outputs{x.cumprod(a[0])}; }},
      {"logcumsumexp", [](auto& x, auto& a) { return Outputs{x.logcumsumexp(a[0])}; }},
      {"cummax", [](auto& x, auto& a) { return both(x.cummax(a[0])); }},
      {"cummin", [](auto& x, auto& a) { return both(x.cummin(a[0])); }},
      {"sort", [](auto& x, auto& a) { return both(x.sort(a[0], a[1] != 0)); }},
      {"topk", [](auto& x, auto& a) { return values_at(x, a[1], x.topk(a[0], a[1], a[2] != 0)); }},
      {"kthvalue", [](auto& x, auto& a) { return values_at(x, a[1], x.kthvalue(a[0], a[1])); }},
      {"median", [](auto& x, auto&) { return Outputs{x.median()}; }},
      {"median_dim",
       [](auto& x, auto& a) { return values_at(x, a[0], x.median(a[0], a[1] != 0)); }},
      {"nanmedian", [](auto& x, auto&) { return Outputs{x.nanmedian()}; }},
      {"nanmedian_dim", [](auto& x, auto& a) { return values_at(x, a[0], x.nanmedian(a[0])); }},
      {"mode", [](auto& x, auto& a) { return both(x.mode(a[0], a[1] != 0)); }},
  };
  return all_of;
}

const std::map<std::string, Function>& selections_and_counts() {
  static const std::map<std::string, Function> all_of = {
      {"nonzero", [](auto& x, auto&) { return Outputs{x.nonzero()}; }},
      {"masked_select",
       [](auto& x, auto&) { return Outputs{x.masked_select(mask_of(x.shape(), x.device()))}; }},
      {"masked_select_broadcast",
       [](auto& x, auto&) {
         return Outputs{x.masked_select(mask_of(without_first(x.shape()), x.device()))};
       }},
      {"unique", [](auto& x, auto&) { return all(x.unique(true, true, true)); }},
      {"unique_dim", [](auto& x, auto& a) { return all(x.unique(true, true, true, a[0])); }},
      {"unique_consecutive", [](auto& x, auto&) { return all(x.unique_consecutive(true, true)); }},
      {"unique_consecutive_dim",
       [](auto& x, auto& a) { return all(x.unique_consecutive(true, true, a[0])); }},
      {"histc",
       [](auto& x, auto& a) {
         return Outputs{x.histc(a[0], static_cast<double>(a[1]), static_cast<double>(a[2]))};
       }},
      {"bincount", [](auto& x, auto& a) { return Outputs{x.bincount(a[0])}; }},
      {"bincount_weights",
       [](auto& x, auto& a) { return Outputs{x.bincount(weights_of(x, float64), a[0])}; }},
      {"bincount_floats",
       [](auto& x, auto& a) { return Outputs{x.bincount(weights_of(x, float32), a[0])}; }},
      {"searchsorted",
       [](auto& x, auto& a) {
         return Outputs{searchsorted(x.sort(-1).values, x, false, a[0] != 0)};
       }},
      {"searchsorted_sorter",
       [](auto& x, auto&) { return Outputs{searchsorted(x, x, false, false, x.argsort(-1))}; }},
      {"bucketize",
       [](auto& x, auto& a) { return Outputs{bucketize(x, x.unique().values, true, a[0] != 0)}; }},
  };
  return all_of;
}

void run_case(const json& test_case, const Function& function, const Device& device) {
  const std::string name =
      test_case.at("op").get<std::string>() + " of " + test_case.at("x").get<std::string>() + ", " +
      test_case.at("view").get<std::string>() + " " + test_case.at("args").dump();
  SCOPED_TRACE(name);
  const bool smooth = test_case.contains("gradient");
  Tensor leaf = input_of(test_case.at("x"), device);
  if (smooth) leaf.requires_grad_();
  const Outputs out =
      function(view_of(leaf, test_case.at("view")), test_case.at("args").get<Arguments>());
  const json& expected = test_case.at("out");
  ASSERT_EQ(out.size(), expected.size());
  for (size_t i = 0; i < out.size(); ++i) {
    const DType dtype = out[i].dtype();
    EXPECT_EQ(dtype_name(dtype), expected[i].at("dtype").get<std::string>());
    ASSERT_EQ(out[i].shape(), shape_of(expected[i].at("shape")));
    if (!is_floating_point(dtype)) {  // all digits of int64
      ASSERT_EQ(out[i].to_vector<int64_t>(), expected[i].at("values").get<std::vector<int64_t>>());
      continue;
    }
    const double rtol = dtype == float64 ? 1e-13 : dtype == float32 ? 1e-6 : 0.02;
    expect_same(out[i], numbers(expected[i].at("values")), rtol, rtol, "output");
  }
  if (!smooth) return;
  (out[0] * weights_of(out[0], float64)).sum().backward();
  expect_same(leaf.grad(), numbers(test_case.at("gradient")), 1e-12, 1e-12, "gradient");
}

void run_cases(const std::map<std::string, Function>& functions, const Device& device) {
  size_t count = 0;
  for (const json& test_case : golden().at("cases")) {
    const auto function = functions.find(test_case.at("op"));
    if (function == functions.end()) continue;
    run_case(test_case, function->second, device);
    ++count;
  }
  EXPECT_GT(count, functions.size());
}

TEST_P(OrderingGolden, ScansAndSorts) {
  run_cases(scans_and_sorts(), device());
}

TEST_P(OrderingGolden, SelectionsAndCounts) {
  run_cases(selections_and_counts(), device());
}

TEST(OrderingGoldenFile, HasNoOperationThatNobodyRuns) {
  for (const json& test_case : golden().at("cases")) {
    const std::string op = test_case.at("op");
    EXPECT_TRUE(scans_and_sorts().contains(op) || selections_and_counts().contains(op)) << op;
  }
}

}  // namespace
}  // namespace cuttle::test
