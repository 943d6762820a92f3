// Operations that rearrange elements, as PyTorch has them (tests/golden/generate_shaping.py).
#include <cuttle/core/ops/elementwise.h>
#include <cuttle/core/ops/ordering.h>
#include <cuttle/core/ops/rearrange.h>

#include "golden_cases.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

using Args = nlohmann::json;

std::vector<int64_t> numbers_of(const Args& list) {
  return list.get<std::vector<int64_t>>();
}

std::optional<int64_t> dim_of(const Args& a) {
  if (a["dim"].is_null()) return {};
  return a["dim"].get<int64_t>();
}

class ShapingGolden : public DeviceTest {
 protected:
  const GoldenFunctions functions = {
      {"cat",
       [](const Inputs& x, const Args& a) -> Inputs { return {cat(x, a["dim"].get<int64_t>())}; }},
      {"stack",
       [](const Inputs& x, const Args& a) -> Inputs {
         return {stack(x, a["dim"].get<int64_t>())};
       }},
      {"hstack", [](const Inputs& x, const Args&) -> Inputs { return {hstack(x)}; }},
      {"vstack", [](const Inputs& x, const Args&) -> Inputs { return {vstack(x)}; }},
      {"dstack", [](const Inputs& x, const Args&) -> Inputs { return {dstack(x)}; }},
      {"column_stack", [](const Inputs& x, const Args&) -> Inputs { return {column_stack(x)}; }},
      {"row_stack", [](const Inputs& x, const Args&) -> Inputs { return {row_stack(x)}; }},
      {"tril_",
       [](const Inputs& x, const Args& a) -> Inputs {
         Tensor y = x[0].clone();
         return {y.tril_(a["diagonal"].get<int64_t>())};
       }},
      {"triu_",
       [](const Inputs& x, const Args& a) -> Inputs {
         Tensor y = x[0].clone();
         return {y.triu_(a["diagonal"].get<int64_t>())};
       }},
      {"fill_diagonal_",
       [](const Inputs& x, const Args& a) -> Inputs {
         Tensor y = x[0].clone();
         return {y.fill_diagonal_(a["value"].get<double>(), a["wrap"].get<bool>())};
       }},
      {"diff",
       [](const Inputs& x, const Args& a) -> Inputs {
         return {diff(x[0], a["n"].get<int64_t>(), a["dim"].get<int64_t>(),
                      x.size() > 1 ? x[1] : Tensor(), x.size() > 2 ? x[2] : Tensor())};
       }},
      {"where", [](const Inputs& x, const Args&) -> Inputs { return where(x[0]); }},
      {"repeat",
       [](const Inputs& x, const Args& a) -> Inputs {
         return {x[0].repeat(shape_of(a["repeats"]))};
       }},
      {"tile",
       [](const Inputs& x, const Args& a) -> Inputs {
         return {tile(x[0], shape_of(a["repeats"]))};
       }},
      {"meshgrid", [](const Inputs& x,
                      const Args& a) { return meshgrid(x, a["indexing"].get<std::string>()); }},
      {"one_hot",
       [](const Inputs& x, const Args& a) -> Inputs {
         return {one_hot(x[0].abs(), a["classes"].get<int64_t>())};
       }},
      {"repeat_interleave",
       [](const Inputs& x, const Args& a) -> Inputs {
         return {repeat_interleave(x[0], a["repeats"].get<int64_t>(), dim_of(a))};
       }},
      {"repeat_interleave_each",
       [](const Inputs& x, const Args& a) -> Inputs {
         const Tensor repeats = tensor(numbers_of(a["repeats"])).to(x[0].device());
         return {repeat_interleave(x[0], repeats, dim_of(a))};
       }},
      {"flip",
       [](const Inputs& x, const Args& a) -> Inputs {
         return {flip(x[0], numbers_of(a["dims"]))};
       }},
      {"fliplr", [](const Inputs& x, const Args&) -> Inputs { return {fliplr(x[0])}; }},
      {"flipud", [](const Inputs& x, const Args&) -> Inputs { return {flipud(x[0])}; }},
      {"tril_indices",
       [this](const Inputs&, const Args& a) -> Inputs {
         return {tril_indices(a["rows"], a["columns"], a["offset"], {.device = device()})};
       }},
      {"triu_indices",
       [this](const Inputs&, const Args& a) -> Inputs {
         return {triu_indices(a["rows"], a["columns"], a["offset"], {.device = device()})};
       }},
      {"roll",
       [](const Inputs& x, const Args& a) -> Inputs {
         return {roll(x[0], numbers_of(a["shifts"]), numbers_of(a["dims"]))};
       }},
      {"rot90",
       [](const Inputs& x, const Args& a) -> Inputs {
         return {rot90(x[0], a["k"].get<int64_t>(), numbers_of(a["dims"]))};
       }},
      {"tril",
       [](const Inputs& x, const Args& a) -> Inputs {
         return {tril(x[0], a["diagonal"].get<int64_t>())};
       }},
      {"triu",
       [](const Inputs& x, const Args& a) -> Inputs {
         return {triu(x[0], a["diagonal"].get<int64_t>())};
       }},
      {"pad",
       [](const Inputs& x, const Args& a) -> Inputs {
         return {pad(x[0], numbers_of(a["padding"]), a["mode"].get<std::string>(),
                     a["value"].get<double>())};
       }},
  };
};
CUTTLE_INSTANTIATE_DEVICES(ShapingGolden);

TEST_P(ShapingGolden, ValuesAndGradients) {
  expect_all_golden("shaping.json", functions, device());
}

TEST_P(ShapingGolden, SecondDerivatives) {
  expect_second_derivatives("shaping.json", functions, device());
}

}  // namespace
}  // namespace cuttle::test
