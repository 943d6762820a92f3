// Derivatives of losses: cross-entropy with reductions, weights, an ignored class, label smoothing;
// each of the others as a mean and as single losses.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/losses/classification.h>
#include <cuttle/core/ops/losses/cross_entropy.h>
#include <cuttle/core/ops/losses/ranking.h>
#include <cuttle/core/ops/losses/regression.h>

#include <functional>

#include "derivative_cases.h"

namespace cuttle::test {
namespace {

std::vector<DerivativeCase> cross_entropies() {
  std::vector<DerivativeCase> all = {
      {"cross_entropy",
       [](const Inputs& x) {
         return cross_entropy(x[0], tensor<int64_t>({0, 2, 1, 2}).to(x[0].device()));
       },
       {{4, 3}},
       -2,
       2}};
  for (const auto& [name, reduction] : {std::pair{"mean", LossReduction::mean},
                                        {"sum", LossReduction::sum},
                                        {"none", LossReduction::none}})
    for (const double smoothing : {0.0, 0.3})
      for (const bool weighted : {false, true}) {
        const CrossEntropyOptions options{
            .reduction = reduction, .ignore_index = 1, .label_smoothing = smoothing};
        const auto loss = [=](const Inputs& x) {
          const Device device = x[0].device();
          const Tensor weight =
              weighted ? tensor({0.5, 2.0, 1.0}, {3}, {.dtype = float64, .device = device})
                       : Tensor();
          return cross_entropy(x[0].t(), tensor<int64_t>({0, 2, 1, 2}).to(device), weight, options);
        };
        all.push_back({std::string("cross_entropy ") + name + (smoothing > 0 ? " smoothed" : "") +
                           (weighted ? " weighted" : ""),
                       loss,
                       {{3, 4}},
                       -2,
                       2});
      }
  return all;
}

using ReducedLoss = std::function<Tensor(const Inputs&, LossReduction)>;

// Both ways that a gradient reaches a pointwise loss.
void add(std::vector<DerivativeCase>& all, const std::string& name, const ReducedLoss& loss,
         const std::vector<Shape>& shapes, double low, double high) {
  for (const auto& [reduction, text] :
       {std::pair{LossReduction::mean, ""}, {LossReduction::none, " none"}})
    all.push_back({name + text, [loss, r = reduction](const Inputs& x) { return loss(x, r); },
                   shapes, low, high});
}

Tensor signs_for(const Inputs& x) {
  return tensor({1.0, -1.0, -1.0, 1.0}, {4}, {.dtype = float64, .device = x[0].device()});
}

std::vector<DerivativeCase> pointwise_losses() {
  using R = LossReduction;
  std::vector<DerivativeCase> all;
  const std::vector<Shape> two = {{2, 2}, {2, 2}};
  add(
      all, "l1_loss", [](const Inputs& x, R r) { return l1_loss(x[0], x[1], r); }, two, -2, 2);
  add(
      all, "mse_loss", [](const Inputs& x, R r) { return mse_loss(x[0], x[1], r); }, two, -2, 2);
  add(
      all, "smooth_l1_loss",
      [](const Inputs& x, R r) {
        return smooth_l1_loss(x[0], x[1].t(), {.reduction = r, .beta = 0.7});
      },
      two, -1, 1);
  add(
      all, "huber_loss",
      [](const Inputs& x, R r) { return huber_loss(x[0], x[1], {.reduction = r, .delta = 0.7}); },
      two, -1, 1);
  for (const bool log_input : {false, true})
    for (const bool full : {false, true})
      add(
          all, std::string("poisson_nll_loss") + (log_input ? " log" : "") + (full ? " full" : ""),
          [=](const Inputs& x, R r) {
            return poisson_nll_loss(x[0], x[1],
                                    {.log_input = log_input, .full = full, .reduction = r});
          },
          two, 0.5, 2);
  add(
      all, "gaussian_nll_loss",
      [](const Inputs& x, R r) {
        return gaussian_nll_loss(x[0], x[1], x[2], {.full = true, .reduction = r});
      },
      {{2, 2}, {2, 2}, {2, 1}}, 0.5, 2);
  add(
      all, "binary_cross_entropy",
      [](const Inputs& x, R r) { return binary_cross_entropy(x[0], x[1], {.reduction = r}); }, two,
      0.2, 0.8);
  add(
      all, "binary_cross_entropy_with_logits",
      [](const Inputs& x, R r) {
        return binary_cross_entropy_with_logits(x[0], x[1], {.reduction = r});
      },
      two, -2, 2);
  add(
      all, "binary_cross_entropy_with_logits weighted",
      [](const Inputs& x, R r) {
        const Tensor weight = tensor({0.5, 3.0}, {2}, {.dtype = float64, .device = x[0].device()});
        return binary_cross_entropy_with_logits(
            x[0], x[1], {.weight = weight, .pos_weight = weight, .reduction = r});
      },
      two, -2, 2);
  for (const bool log_target : {false, true})
    for (const auto reduction : {KLDivReduction::batchmean, KLDivReduction::none})
      all.push_back({std::string("kl_div") + (log_target ? " log" : ""),
                     [=](const Inputs& x) {
                       return kl_div(x[0], x[1],
                                     {.reduction = reduction, .log_target = log_target});
                     },
                     two, 0.5, 2});
  return all;
}

std::vector<DerivativeCase> margin_losses() {
  using R = LossReduction;
  std::vector<DerivativeCase> all;
  add(
      all, "margin_ranking_loss",
      [](const Inputs& x, R r) {
        return margin_ranking_loss(x[0], x[1], signs_for(x), {.margin = 0.5, .reduction = r});
      },
      {{4}, {4}}, -2, 2);
  add(
      all, "hinge_embedding_loss",
      [](const Inputs& x, R r) {
        return hinge_embedding_loss(x[0], signs_for(x), {.reduction = r});
      },
      {{4}}, -2, 2);
  add(
      all, "soft_margin_loss", [](const Inputs& x, R r) { return soft_margin_loss(x[0], x[1], r); },
      {{4}, {4}}, -2, 2);
  add(
      all, "cosine_embedding_loss",
      [](const Inputs& x, R r) {
        return cosine_embedding_loss(x[0], x[1], signs_for(x), {.margin = -0.9, .reduction = r});
      },
      {{4, 3}, {4, 3}}, -2, 2);
  add(
      all, "triplet_margin_loss",
      [](const Inputs& x, R r) {
        return triplet_margin_loss(x[0], x[1], x[2],
                                   {.margin = 2, .p = 3, .swap = true, .reduction = r});
      },
      {{2, 3}, {2, 3}, {2, 3}}, -2, 2);
  add(
      all, "multi_margin_loss",
      [](const Inputs& x, R r) {
        const Tensor target = tensor<int64_t>({0, 2}).to(x[0].device());
        return multi_margin_loss(x[0], target, {.p = 2, .reduction = r});
      },
      {{2, 3}}, -2, 2);
  add(
      all, "multilabel_margin_loss",
      [](const Inputs& x, R r) {
        const Tensor target = tensor<int64_t>({0, 2, -1, 1, -1, 0}).reshape({2, 3});
        return multilabel_margin_loss(x[0], target.to(x[0].device()), r);
      },
      {{2, 3}}, -2, 2);
  return all;
}

std::vector<DerivativeCase> class_losses() {
  using R = LossReduction;
  std::vector<DerivativeCase> all;
  const auto target = [](const Inputs& x) {
    return tensor<int64_t>({0, 2, 1, 1}).reshape({2, 2}).to(x[0].device());
  };
  add(
      all, "nll_loss",
      [=](const Inputs& x, R r) {
        return nll_loss(x[0], target(x), {}, {.reduction = r, .ignore_index = 2});
      },
      {{2, 3, 2}}, -2, 2);
  add(
      all, "cross_entropy of planes",
      [=](const Inputs& x, R r) { return cross_entropy(x[0], target(x), {}, {.reduction = r}); },
      {{2, 3, 2}}, -2, 2);
  add(
      all, "cross_entropy of probabilities",
      [](const Inputs& x, R r) {
        const Tensor weight =
            tensor({0.5, 2.0, 1.0}, {3}, {.dtype = float64, .device = x[0].device()});
        return cross_entropy(x[0], x[1], weight, {.reduction = r, .label_smoothing = 0.2});
      },
      {{2, 3}, {2, 3}}, 0.2, 0.8);
  return all;
}

const DerivativeCases cases(cross_entropies());
const DerivativeCases pointwise_cases(pointwise_losses());
const DerivativeCases margin_cases(margin_losses());
const DerivativeCases class_cases(class_losses());

}  // namespace
}  // namespace cuttle::test
