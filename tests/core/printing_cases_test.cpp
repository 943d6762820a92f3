// Hundreds of tensors as text, letter by letter PyTorch's (tests/golden/generate_printing.py).
#include <cuttle/core/creation.h>
#include <cuttle/core/print.h>

#include <array>
#include <cmath>

#include "golden_values.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

// The twin of values_of in the script.
double value_of(const std::string& kind, int64_t seed, int64_t i) {
  constexpr std::array kPowers = {1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3, 1e4};
  constexpr std::array<double, 8> kSpecial = {NAN, INFINITY, -INFINITY, 0.0, -0.0, 1.5, -2.25, 3.0};
  const int64_t whole = (i * 7919 + seed * 104729) % 2003 - 1001;
  const auto w = static_cast<double>(whole);
  const auto special = [&](int64_t of) {
    return kSpecial[static_cast<size_t>((i * 3 + seed) % of)];
  };
  if (kind == "small") return static_cast<double>((whole + 2000) % 100);
  if (kind == "whole") return w;
  if (kind == "eighths") return w / 8;
  if (kind == "thirds") return w / 3;
  if (kind == "wide") return w * kPowers[static_cast<size_t>((i + seed) % 9)];
  if (kind == "tiny") return w * 1e-7;
  if (kind == "huge") return w * 1e6;
  if (kind == "near") return 1 + w * 1e-5;
  if (kind == "special") return special(8);
  if (kind == "specialwhole") return i % 2 != 0 ? special(5) : w;
  return (i + seed) % 3 != 0 ? 0.0 : -0.0;
}

PrintOptions options_of(const nlohmann::json& given) {
  PrintOptions options;
  options.precision = given.value("precision", options.precision);
  options.threshold = given.value("threshold", options.threshold);
  options.edgeitems = given.value("edgeitems", options.edgeitems);
  options.linewidth = given.value("linewidth", options.linewidth);
  if (given.contains("sci_mode")) options.sci_mode = given["sci_mode"].get<bool>();
  return options;
}

// PyTorch writes "dtype=torch.int8", six letters more, and breaks the line before it sooner.
std::string on_one_line(std::string text) {
  const size_t at = text.find(",\n       dtype=");
  return at == std::string::npos ? text : text.replace(at, 9, ", ");
}

class PrintingCases : public DeviceTest {
 protected:
  void TearDown() override { set_printoptions({}); }
};
CUTTLE_INSTANTIATE_DEVICES(PrintingCases);

TEST_P(PrintingCases, SameText) {
  const auto golden = load_golden("printing.json");
  ASSERT_GT(golden["cases"].size(), 350);
  for (const auto& c : golden["cases"]) {
    const Shape shape = shape_of(c[3]);
    std::vector<double> values;
    for (int64_t i = 0; i < shape.numel(); ++i) values.push_back(value_of(c[1], c[2], i));
    const Tensor x = tensor(values, shape).to(dtype_from_name(c[0].get<std::string>()));
    set_printoptions(options_of(c[4]));
    const std::string text = c[5].get<std::string>(), there = x.to(device()).str();
    ASSERT_EQ(on_one_line(x.str()), on_one_line(text)) << c;
    if (device().is_cpu()) continue;
    ASSERT_NE(there.find("device='cuda:0'"), std::string::npos);
    const size_t end = shape.empty() ? text.find_first_of(",)") : text.rfind(']');
    ASSERT_EQ(there.substr(0, end), text.substr(0, end));
  }
}

TEST_P(PrintingCases, OptionsAreKeptAndChecked) {
  EXPECT_EQ(get_printoptions().precision, 4);
  set_printoptions({.precision = 2, .sci_mode = true});
  EXPECT_EQ(get_printoptions().precision, 2);
  EXPECT_EQ(tensor({1.5f}).to(device()).cpu().str(), "tensor([1.50e+00])");
  EXPECT_EQ(error_of([] { set_printoptions({.precision = -1}); }),
            "set_printoptions: expected a precision of 0 or more, and edgeitems and linewidth of 1 "
            "or more; got -1, 3 and 80");
  EXPECT_EQ(get_printoptions().precision, 2);
}

}  // namespace
}  // namespace cuttle::test
