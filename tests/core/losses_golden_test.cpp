// Losses with all their options, and their gradients, as PyTorch has them
// (tests/golden/generate_losses.py).
#include <cuttle/core/ops/losses/classification.h>
#include <cuttle/core/ops/losses/cross_entropy.h>
#include <cuttle/core/ops/losses/ctc_loss.h>
#include <cuttle/core/ops/losses/ranking.h>
#include <cuttle/core/ops/losses/regression.h>
#include <cuttle/core/warning.h>

#include "golden_cases.h"
#include "support/devices.h"

namespace cuttle::test {
namespace {

using nlohmann::json;

LossReduction reduction(const json& a) {
  const auto name = a.value("reduction", "mean");
  return name == "mean"  ? LossReduction::mean
         : name == "sum" ? LossReduction::sum
                         : LossReduction::none;
}

// What the script makes of its inputs.
Tensor probability(const Tensor& x) {
  return x.to(float64) / 5 + 0.5;
}
Tensor signs(const Tensor& x) {
  return (x >= 0).to(float64) * 2 - 1;
}
Tensor optional(const Inputs& x, size_t k) {
  return x.size() > k ? x[k].to(float64) / 4 + 2.5 : Tensor();
}

void flatten(const json& list, std::vector<int64_t>& values) {
  if (!list.is_array()) return values.push_back(list.get<int64_t>());
  for (const json& each : list) flatten(each, values);
}
Tensor integers(const json& list) {
  Shape shape;
  for (const json* level = &list; level->is_array(); level = &(*level)[0])
    shape.push_back(static_cast<int64_t>(level->size()));
  std::vector<int64_t> values;
  flatten(list, values);
  return tensor(values, shape);
}
Tensor classes(const json& a, const Device& device) {
  return integers(a["target"]).to(device);
}

GoldenFunctions of_numbers() {
  return {
      {"l1",
       [](const Inputs& x, const json& a) -> Inputs {
         return {l1_loss(x[0], x[1], reduction(a))};
       }},
      {"mse",
       [](const Inputs& x, const json& a) -> Inputs {
         return {mse_loss(x[0], x[1], reduction(a))};
       }},
      {"smooth_l1",
       [](const Inputs& x, const json& a) -> Inputs {
         return {smooth_l1_loss(x[0], x[1], {.reduction = reduction(a), .beta = a["beta"]})};
       }},
      {"huber",
       [](const Inputs& x, const json& a) -> Inputs {
         return {huber_loss(x[0], x[1], {.reduction = reduction(a), .delta = a["delta"]})};
       }},
      {"poisson_nll",
       [](const Inputs& x, const json& a) -> Inputs {
         const bool log_input = a["log_input"];
         return {poisson_nll_loss(log_input ? x[0] : x[0] + 2.5, x[1] + 2.5,
                                  {.log_input = log_input,
                                   .full = a["full"],
                                   .eps = a["eps"],
                                   .reduction = reduction(a)})};
       }},
      {"gaussian_nll",
       [](const Inputs& x, const json& a) -> Inputs {
         return {
             gaussian_nll_loss(x[0], x[1], x[2] + 2.25,
                               {.full = a["full"], .eps = a["eps"], .reduction = reduction(a)})};
       }},
      {"margin_ranking",
       [](const Inputs& x, const json& a) -> Inputs {
         return {margin_ranking_loss(x[0], x[1], signs(x[2]),
                                     {.margin = a["margin"], .reduction = reduction(a)})};
       }},
      {"hinge_embedding",
       [](const Inputs& x, const json& a) -> Inputs {
         return {hinge_embedding_loss(x[0], signs(x[1]),
                                      {.margin = a["margin"], .reduction = reduction(a)})};
       }},
      {"soft_margin",
       [](const Inputs& x, const json& a) -> Inputs {
         return {soft_margin_loss(x[0], signs(x[1]), reduction(a))};
       }},
      {"cosine_embedding",
       [](const Inputs& x, const json& a) -> Inputs {
         return {cosine_embedding_loss(x[0], x[1], signs(x[2]),
                                       {.margin = a["margin"], .reduction = reduction(a)})};
       }},
      {"triplet",
       [](const Inputs& x, const json& a) -> Inputs {
         return {triplet_margin_loss(x[0], x[1], x[2],
                                     {.margin = a.value("margin", 1.0),
                                      .p = a.value("p", 2.0),
                                      .eps = a.value("eps", 1e-6),
                                      .swap = a.value("swap", false),
                                      .reduction = reduction(a)})};
       }},
  };
}

GoldenFunctions of_probabilities() {
  return {
      {"bce",
       [](const Inputs& x, const json& a) -> Inputs {
         return {binary_cross_entropy(probability(x[0]), probability(x[1]),
                                      {.weight = optional(x, 2), .reduction = reduction(a)})};
       }},
      {"bce_bounds",
       [](const Inputs& x, const json&) -> Inputs {
         return {binary_cross_entropy((x[0] > 0).to(float64), probability(x[1]),
                                      {.reduction = LossReduction::none})};
       }},
      {"bce_with_logits",
       [](const Inputs& x, const json& a) -> Inputs {
         const Tensor weight = optional(x, 2);
         return {binary_cross_entropy_with_logits(
             x[0] * a.value("scale", 1.0), (x[1] / 5 + 0.5),
             {.weight = a.value("weighted", false) ? weight : Tensor(),
              .pos_weight = a.value("pos_weighted", false) ? weight : Tensor(),
              .reduction = reduction(a)})};
       }},
      {"kl_div",
       [](const Inputs& x, const json& a) -> Inputs {
         const bool log_target = a["log_target"];
         const auto name = a["reduction"].get<std::string>();
         return {kl_div(x[0], log_target ? x[1] : x[1].relu(),
                        {.reduction = name == "mean"   ? KLDivReduction::mean
                                      : name == "sum"  ? KLDivReduction::sum
                                      : name == "none" ? KLDivReduction::none
                                                       : KLDivReduction::batchmean,
                         .log_target = log_target})};
       }},
      {"multilabel_soft_margin",
       [](const Inputs& x, const json& a) -> Inputs {
         return {multilabel_soft_margin_loss(
             x[0], probability(x[1]), {.weight = optional(x, 2), .reduction = reduction(a)})};
       }},
      {"cross_entropy_probabilities",
       [](const Inputs& x, const json& a) -> Inputs {
         return {
             cross_entropy(x[0], probability(x[1]), optional(x, 2),
                           {.reduction = reduction(a), .label_smoothing = a["label_smoothing"]})};
       }},
  };
}

GoldenFunctions of_classes() {
  return {
      {"nll",
       [](const Inputs& x, const json& a) -> Inputs {
         return {nll_loss(
             x[0], classes(a, x[0].device()), optional(x, 1),
             {.reduction = reduction(a), .ignore_index = a.value("ignore_index", int64_t{-100})})};
       }},
      {"cross_entropy",
       [](const Inputs& x, const json& a) -> Inputs {
         return {cross_entropy(x[0], classes(a, x[0].device()), optional(x, 1),
                               {.reduction = reduction(a),
                                .ignore_index = a.value("ignore_index", int64_t{-100}),
                                .label_smoothing = a.value("label_smoothing", 0.0)})};
       }},
      {"multi_margin",
       [](const Inputs& x, const json& a) -> Inputs {
         return {multi_margin_loss(x[0], classes(a, x[0].device()),
                                   {.p = a.value("p", int64_t{1}),
                                    .margin = a.value("margin", 1.0),
                                    .weight = optional(x, 1),
                                    .reduction = reduction(a)})};
       }},
      {"multilabel_margin",
       [](const Inputs& x, const json& a) -> Inputs {
         return {multilabel_margin_loss(x[0], classes(a, x[0].device()), reduction(a))};
       }},
  };
}

Inputs ctc(const Inputs& x, const json& a) {
  return {ctc_loss(x[0].log_softmax(-1), classes(a, x[0].device()), integers(a["frames"]),
                   integers(a["lengths"]),
                   {.blank = a.value("blank", int64_t{0}),
                    .reduction = reduction(a),
                    .zero_infinity = a.value("zero_infinity", false)})};
}

class LossesGolden : public DeviceTest {};
CUTTLE_INSTANTIATE_DEVICES(LossesGolden);

TEST_P(LossesGolden, ValuesAndGradients) {
  set_warning_handler([](const std::string&) {});  // of sizes that are broadcast
  GoldenFunctions all = of_numbers();
  all.merge(of_probabilities());
  all.merge(of_classes());
  all["ctc"] = ctc;
  expect_all_golden("losses.json", all, device());
  set_warning_handler({});
}

}  // namespace
}  // namespace cuttle::test
