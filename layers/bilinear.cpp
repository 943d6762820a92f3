// Layers of two inputs: parameters, and the calls of the operations.
#include "bilinear.h"

#include <cmath>

#include "../core/creation.h"
#include "../core/ops/arithmetic.h"
#include "../core/ops/bilinear.h"
#include "../core/ops/losses/ranking.h"
#include "init.h"
#include "printed_number.h"

namespace cuttle {
namespace {

Shape weight_shape(int64_t in1_features, int64_t in2_features, int64_t out_features) {
  if (in1_features < 1 || in2_features < 0 || out_features < 0)
    fail("Bilinear: in1_features must be at least 1 and the other sizes at least 0, got ",
         in1_features, ", ", in2_features, " and ", out_features);
  return {out_features, in1_features, in2_features};
}

}  // namespace

Bilinear::Bilinear(int64_t in1_features, int64_t in2_features, int64_t out_features,
                   const LinearOptions& options)
    : weight(register_parameter("weight",
                                empty(weight_shape(in1_features, in2_features, out_features)))),
      bias(register_parameter("bias", options.bias ? empty({out_features}) : Tensor())) {
  constructed_from<Bilinear>(in1_features, in2_features, out_features, options);
  reset_parameters();
}

Tensor Bilinear::forward(const Tensor& input1, const Tensor& input2) {
  return bilinear(input1, input2, weight, bias);
}

std::string Bilinear::extra_repr() const {
  return "in1_features=" + std::to_string(weight.size(1)) +
         ", in2_features=" + std::to_string(weight.size(2)) +
         ", out_features=" + std::to_string(weight.size(0)) +
         ", bias=" + printed_choice(bias.defined());
}

void Bilinear::reset_parameters() {
  const double bound = 1 / std::sqrt(static_cast<double>(weight.size(1)));
  init::uniform_(weight, -bound, bound);
  if (bias.defined()) init::uniform_(bias, -bound, bound);
}

CosineSimilarity::CosineSimilarity(int64_t dim, double eps) : dim_(dim), eps_(eps) {
  constructed_from<CosineSimilarity>(dim, eps);
}

Tensor CosineSimilarity::forward(const Tensor& x1, const Tensor& x2) {
  return cosine_similarity(x1, x2, dim_, eps_);
}

PairwiseDistance::PairwiseDistance(double p, const PairwiseDistanceOptions& options)
    : p_(p), options_(options) {
  constructed_from<PairwiseDistance>(p, options);
}

Tensor PairwiseDistance::forward(const Tensor& x1, const Tensor& x2) {
  return pairwise_distance(x1, x2, p_, options_.eps, options_.keepdim);
}

}  // namespace cuttle
