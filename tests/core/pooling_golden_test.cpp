// Pooling and interpolation and their gradients as PyTorch has them
// (tests/golden/generate_pooling.py).
#include <cuttle/core/ops/adaptive_pool.h>
#include <cuttle/core/ops/avg_pool.h>
#include <cuttle/core/ops/interpolate.h>
#include <cuttle/core/ops/max_pool2d.h>

#include "golden_cases.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

using nlohmann::json;

Pair pair(const json& value) {
  if (!value.is_array()) return value.get<int64_t>();
  return {value[0].get<int64_t>(), value[1].get<int64_t>()};
}
std::optional<Pair> stride_of(const json& a) {
  return a.contains("stride") ? std::optional(pair(a["stride"])) : std::nullopt;
}
std::optional<int64_t> number_of(const json& a, const char* name) {
  return a.contains(name) ? std::optional(a[name].get<int64_t>()) : std::nullopt;
}
OutputSize output_size(const json& a) {
  const auto side = [&](size_t i) {
    const json& value = a["output_size"][i];
    return value.is_null() ? std::nullopt : std::optional(value.get<int64_t>());
  };
  return {side(0), side(1)};
}
Inputs both(const ValuesIndices& found) {
  return {found.values, found.indices};
}

MaxPool1dOptions line_options(const json& a) {
  return {.stride = number_of(a, "stride"),
          .padding = a.value("padding", int64_t{0}),
          .dilation = a.value("dilation", int64_t{1}),
          .ceil_mode = a.value("ceil_mode", false)};
}
MaxPool2dOptions plane_options(const json& a) {
  return {.stride = stride_of(a),
          .padding = pair(a.value("padding", json(0))),
          .dilation = pair(a.value("dilation", json(1)))};
}

GoldenFunctions pools() {
  return {
      {"avg_pool1d",
       [](const Inputs& x, const json& a) -> Inputs {
         return {avg_pool1d(x[0], a["kernel_size"],
                            {.stride = number_of(a, "stride"),
                             .padding = a.value("padding", int64_t{0}),
                             .ceil_mode = a.value("ceil_mode", false),
                             .count_include_pad = a.value("count_include_pad", true)})};
       }},
      {"avg_pool2d",
       [](const Inputs& x, const json& a) -> Inputs {
         return {avg_pool2d(x[0], pair(a["kernel_size"]),
                            {.stride = stride_of(a),
                             .padding = pair(a.value("padding", json(0))),
                             .ceil_mode = a.value("ceil_mode", false),
                             .count_include_pad = a.value("count_include_pad", true),
                             .divisor_override = number_of(a, "divisor_override")})};
       }},
      {"adaptive_avg_pool1d",
       [](const Inputs& x, const json& a) -> Inputs {
         return {adaptive_avg_pool1d(x[0], a["output_size"])};
       }},
      {"adaptive_avg_pool2d",
       [](const Inputs& x, const json& a) -> Inputs {
         return {adaptive_avg_pool2d(x[0], output_size(a))};
       }},
      {"max_pool1d",
       [](const Inputs& x, const json& a) -> Inputs {
         const Tensor alone = max_pool1d(x[0], a["kernel_size"], line_options(a));
         const auto found = max_pool1d_with_indices(x[0], a["kernel_size"], line_options(a));
         EXPECT_EQ(alone.to_vector<double>(), found.values.to_vector<double>());
         return both(found);
       }},
      {"max_pool2d",
       [](const Inputs& x, const json& a) -> Inputs {
         return both(max_pool2d_with_indices(x[0], pair(a["kernel_size"]), plane_options(a)));
       }},
      {"adaptive_max_pool1d",
       [](const Inputs& x, const json& a) -> Inputs {
         const Tensor alone = adaptive_max_pool1d(x[0], a["output_size"]);
         const auto found = adaptive_max_pool1d_with_indices(x[0], a["output_size"]);
         EXPECT_EQ(alone.to_vector<double>(), found.values.to_vector<double>());
         return both(found);
       }},
      {"adaptive_max_pool2d",
       [](const Inputs& x, const json& a) -> Inputs {
         const Tensor alone = adaptive_max_pool2d(x[0], output_size(a));
         const auto found = adaptive_max_pool2d_with_indices(x[0], output_size(a));
         EXPECT_EQ(alone.to_vector<double>(), found.values.to_vector<double>());
         return both(found);
       }},
      {"max_unpool2d",
       [](const Inputs& x, const json& a) -> Inputs {
         std::vector<int64_t> places;
         for (const json& value : a["indices"].flatten()) places.push_back(value.get<int64_t>());
         const Tensor indices = tensor(places, x[0].shape()).to(x[0].device());
         MaxUnpool2dOptions options{.stride = stride_of(a),
                                    .padding = pair(a.value("padding", json(0)))};
         if (a.contains("output_size")) options.output_size = pair(a["output_size"]);
         return {max_unpool2d(x[0], indices, pair(a["kernel_size"]), options)};
       }},
  };
}

GoldenFunctions all() {
  GoldenFunctions functions = pools();
  functions["interpolate"] = [](const Inputs& x, const json& a) -> Inputs {
    return {
        interpolate(x[0], {.size = a.value("size", std::vector<int64_t>()),
                           .scale_factor = a.value("scale_factor", std::vector<double>()),
                           .mode = a["mode"],
                           .align_corners = a.value("align_corners", false),
                           .recompute_scale_factor = a.value("recompute_scale_factor", false)})};
  };
  return functions;
}

class PoolingGolden : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(PoolingGolden);

TEST_P(PoolingGolden, ValuesAndGradients) {
  expect_all_golden("pooling.json", all(), device());
}

}  // namespace
}  // namespace cuttle::test
