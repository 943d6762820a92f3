// Reductions and their gradients as PyTorch has them (tests/golden/generate_reductions.py): over
// dimensions, layouts and dtypes, with ties, zeros, infinities and NaN.
#include <cuttle/core/autograd/backward.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/reduce.h>

#include <map>

#include "golden_values.h"
#include "laid_out.h"
#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using Function = std::function<Tensor(const Tensor& x, const Dims& dims, bool keepdim)>;

class ReductionGolden : public DeviceTest {
 protected:
  const nlohmann::json golden = load_golden("reductions.json");
};
CUTTLE_INSTANTIATE_DEVICES(ReductionGolden);

int64_t only(const Dims& dims) {
  return *dims.begin();
}

std::optional<int64_t> at_most_one(const Dims& dims) {
  return dims.empty() ? std::nullopt : std::optional(only(dims));
}

std::map<std::string, Function> functions() {
  std::map<std::string, Function> all = {
      {"sum", [](const Tensor& x, const Dims& d, bool keep) { return x.sum(d, keep); }},
      {"nansum", [](const Tensor& x, const Dims& d, bool keep) { return x.nansum(d, keep); }},
      {"mean", [](const Tensor& x, const Dims& d, bool keep) { return x.mean(d, keep); }},
      {"nanmean", [](const Tensor& x, const Dims& d, bool keep) { return x.nanmean(d, keep); }},
      {"prod", [](const Tensor& x, const Dims& d, bool keep) { return x.prod(d, keep); }},
      {"var", [](const Tensor& x, const Dims& d, bool keep) { return x.var(d, true, keep); }},
      {"var0", [](const Tensor& x, const Dims& d, bool keep) { return x.var(d, 0, keep); }},
      {"std", [](const Tensor& x, const Dims& d, bool keep) { return x.std(d, 1, keep); }},
      {"amax", [](const Tensor& x, const Dims& d, bool keep) { return x.amax(d, keep); }},
      {"amin", [](const Tensor& x, const Dims& d, bool keep) { return x.amin(d, keep); }},
      {"any", [](const Tensor& x, const Dims& d, bool keep) { return x.any(d, keep); }},
      {"all", [](const Tensor& x, const Dims& d, bool keep) { return x.all(d, keep); }},
      {"count_nonzero", [](const Tensor& x, const Dims& d, bool) { return x.count_nonzero(d); }},
      {"logsumexp", [](const Tensor& x, const Dims& d, bool keep) { return x.logsumexp(d, keep); }},
      {"var_mean",
       [](const Tensor& x, const Dims& d, bool keep) {
         const auto [var, mean] = var_mean(x, d, 1, keep);
         return stack({var, mean});
       }},
      {"softmax", [](const Tensor& x, const Dims& d, bool) { return x.softmax(only(d)); }},
      {"log_softmax", [](const Tensor& x, const Dims& d, bool) { return x.log_softmax(only(d)); }},
      {"max", [](const Tensor& x, const Dims& d,
                 bool keep) { return d.empty() ? x.max() : x.max(only(d), keep).values; }},
      {"min", [](const Tensor& x, const Dims& d,
                 bool keep) { return d.empty() ? x.min() : x.min(only(d), keep).values; }},
      {"argmax",
       [](const Tensor& x, const Dims& d, bool keep) { return x.argmax(at_most_one(d), keep); }},
      {"argmin",
       [](const Tensor& x, const Dims& d, bool keep) { return x.argmin(at_most_one(d), keep); }},
  };
  for (const auto& [name, p] : std::map<std::string, double>{{"norm0.0", 0},
                                                             {"norm0.5", 0.5},
                                                             {"norm1.0", 1},
                                                             {"norm1.5", 1.5},
                                                             {"norm2.0", 2},
                                                             {"norm3.0", 3},
                                                             {"norminf", INFINITY},
                                                             {"norm-inf", -INFINITY}})
    all[name] = [p = p](const Tensor& x, const Dims& d, bool keep) { return x.norm(p, d, keep); };
  return all;
}

void check_case(const nlohmann::json& c, const std::string& op, const Function& f, const Tensor& x,
                const std::string& what) {
  const auto& expected = c["results"][op];
  const auto dims = c["dims"].get<std::vector<int64_t>>();
  if (expected.is_null()) {
    EXPECT_THROW((void)f(x, dims, c["keepdim"]), Error) << what;
    return;
  }
  Tensor leaf = x.detach().requires_grad_();
  const Tensor y = f(leaf, dims, c["keepdim"]);
  EXPECT_EQ(y.shape(), shape_of(expected["shape"])) << what;
  expect_same(y, numbers(expected["y"]), 1e-9, 1e-9, what);
  if (op == "argmax" && !dims.empty()) {
    const Tensor indices = x.max(dims[0], c["keepdim"].get<bool>()).indices;
    expect_same(indices, numbers(expected["y"]), 0, 0, what + " by max");
  }
  if (!expected.contains("dx")) return;
  const double step = 1.0 / static_cast<double>(std::max<int64_t>(y.numel() - 1, 1));
  Tensor weights = arange(0, y.numel(), 1, {.dtype = float64, .device = x.device()}) * step + 0.5;
  for (const bool create_graph : {false, true}) {
    const Tensor dx = grad((y * weights.view(y.shape())).sum(), {leaf}, {},
                           {.retain_graph = true, .create_graph = create_graph})[0];
    expect_same(dx, numbers(expected["dx"]), 1e-9, 1e-8, what + " gradient");
  }
}

TEST_P(ReductionGolden, ValuesAndGradients) {
  int checked = 0;
  for (const auto& c : golden["cases"])
    for (const auto& [op, f] : functions()) {
      if (!c["results"].contains(op)) continue;
      const Tensor x = tensor(numbers(c["x"]), shape_of(c["shape"])).to(device());
      int layout = 0;
      std::vector<Tensor> layouts = laid_out(x);
      if (c["kind"] == "repeated") layouts.push_back(x.narrow(0, 0, 1).expand(x.shape()));
      for (const Tensor& laid : layouts)
        check_case(c, op, f, laid,
                   op + " of " + c["shape"].dump() + " over " + c["dims"].dump() + " " +
                       c["kind"].get<std::string>() + " layout " + std::to_string(layout++));
      ++checked;
    }
  EXPECT_GT(checked, 700);
}

TEST_P(ReductionGolden, Dtypes) {
  const Tensor x = tensor(numbers(golden["dtypes"]["x"]), {2, 3}).to(device());
  const auto all = functions();
  for (const auto& c : golden["dtypes"]["cases"]) {
    const DType dtype = dtype_from_name(c[0].get<std::string>());
    const Tensor y = all.at(c[1].get<std::string>())(x.to(dtype), 1, false);
    EXPECT_EQ(dtype_name(y.dtype()), c[2].get<std::string>()) << c;
    const bool coarse = element_size(dtype) == 2 && is_floating_point(dtype);
    expect_same(y, numbers(c[3]), 0, coarse ? 1e-2 : 1e-6, c.dump());
  }
}

TEST_P(ReductionGolden, ExtremesOfIntegers) {
  const auto all = functions();
  for (const auto& c : golden["extremes"]) {
    const Tensor x = tensor(c[2].get<std::vector<int64_t>>(), {2, 3});
    const DType dtype = dtype_from_name(c[0].get<std::string>());
    const Tensor y = all.at(c[1].get<std::string>())(x.to(dtype).to(device()), 1, false);
    EXPECT_EQ(dtype_name(y.dtype()), c[3].get<std::string>()) << c;
    EXPECT_EQ(y.to_vector<int64_t>(), c[4].get<std::vector<int64_t>>()) << c;
  }
}

}  // namespace
}  // namespace cuttle::test
