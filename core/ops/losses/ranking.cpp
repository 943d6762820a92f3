#include "ranking.h"

#include "../../dispatch.h"
#include "../arithmetic.h"
#include "../reduce.h"
#include "pointwise_loss.h"

namespace cuttle {

using kernels::PointwiseLoss;

Tensor margin_ranking_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                           const MarginRankingLossOptions& options) {
  return pointwise_loss("margin_ranking_loss", PointwiseLoss::margin_ranking,
                        {input1, input2, target}, {options.margin}, options.reduction);
}

Tensor hinge_embedding_loss(const Tensor& input, const Tensor& target,
                            const HingeEmbeddingLossOptions& options) {
  return pointwise_loss("hinge_embedding_loss", PointwiseLoss::hinge_embedding, {input, target},
                        {options.margin}, options.reduction);
}

Tensor soft_margin_loss(const Tensor& input, const Tensor& target, LossReduction reduction) {
  return pointwise_loss("soft_margin_loss", PointwiseLoss::soft_margin, {input, target}, {},
                        reduction);
}

Tensor cosine_embedding_loss(const Tensor& input1, const Tensor& input2, const Tensor& target,
                             const CosineEmbeddingLossOptions& options) {
  const std::string_view name = "cosine_embedding_loss";
  for (const Tensor* x : {&input1, &input2, &target}) check_defined(name, *x);
  check_same_device(name, {&input1, &input2, &target});
  const int rank = target.dim() + 1;
  if (input1.shape() != input2.shape() || input1.dim() != rank || rank > 2 ||
      (rank == 2 && input1.size(0) != target.size(0)))
    fail(name, ": expected inputs (N, D) and a target (N), or (D) and (), got ", input1.shape(),
         ", ", input2.shape(), " and ", target.shape());
  constexpr double kEps = 1e-12;  // of the squares, PyTorch's
  const auto square = [](const Tensor& x) { return (x * x).sum(-1) + kEps; };
  const Tensor cosine = (input1 * input2).sum(-1) / (square(input1) * square(input2)).sqrt();
  const Tensor unlike = where(target == -1, (cosine - options.margin).relu(), 0);
  return reduced(where(target == 1, 1 - cosine, unlike), options.reduction);
}

Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, double p, double eps, bool keepdim) {
  for (const Tensor* x : {&x1, &x2}) check_defined("pairwise_distance", *x);
  return (x1 - x2 + eps).norm(p, -1, keepdim);
}

Tensor triplet_margin_with_distance_loss(const Tensor& anchor, const Tensor& positive,
                                         const Tensor& negative,
                                         const TripletMarginWithDistanceLossOptions& options) {
  const std::string_view name = "triplet_margin_loss";
  for (const Tensor* x : {&anchor, &positive, &negative}) check_defined(name, *x);
  if (anchor.dim() != positive.dim() || anchor.dim() != negative.dim())
    fail(name, ": anchor, positive and negative must have as many dimensions each, got ",
         anchor.shape(), ", ", positive.shape(), " and ", negative.shape());
  if (!(options.margin > 0)) fail(name, ": margin must be greater than 0, got ", options.margin);
  const DistanceFunction distance =
      options.distance_function ? options.distance_function : [](const Tensor& a, const Tensor& b) {
        return pairwise_distance(a, b);
      };
  const Tensor near = distance(anchor, positive);
  Tensor far = distance(anchor, negative);
  if (options.swap) far = minimum(far, distance(positive, negative));
  return reduced((near - far + options.margin).relu(), options.reduction);
}

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginLossOptions& options) {
  return triplet_margin_with_distance_loss(anchor, positive, negative,
                                           {.distance_function =
                                                [&options](const Tensor& a, const Tensor& b) {
                                                  return pairwise_distance(a, b, options.p,
                                                                           options.eps);
                                                },
                                            .margin = options.margin,
                                            .swap = options.swap,
                                            .reduction = options.reduction});
}

}  // namespace cuttle
