// Layers of two inputs: bilinear forms, cosines and distances.
#pragma once

#include "linear.h"
#include "module.h"

namespace cuttle {

/// torch.nn.Bilinear: y = x1ᵀ · W · x2 + b (core/ops/bilinear.h). weight (out_features,
/// in1_features, in2_features) and bias (out_features) start uniform on ±1 / √in1_features.
class Bilinear : public Module {
 public:
  /// Throws Error for an in1_features below 1 and negative sizes.
  Bilinear(int64_t in1_features, int64_t in2_features, int64_t out_features,
           const LinearOptions& options = {});

  using Module::forward;
  virtual Tensor forward(const Tensor& input1, const Tensor& input2);
  Tensor operator()(const Tensor& input1, const Tensor& input2) {
    return call([this](const Tensor& a, const Tensor& b) { return forward(a, b); }, input1, input2);
  }
  std::string extra_repr() const override;
  void reset_parameters();

  Parameter& weight;
  Parameter& bias;  // undefined without
};

/// torch.nn.CosineSimilarity: see cosine_similarity in core/ops/bilinear.h.
class CosineSimilarity : public Module {
 public:
  explicit CosineSimilarity(int64_t dim = 1, double eps = 1e-8);

  using Module::forward;
  virtual Tensor forward(const Tensor& x1, const Tensor& x2);
  Tensor operator()(const Tensor& x1, const Tensor& x2) {
    return call([this](const Tensor& a, const Tensor& b) { return forward(a, b); }, x1, x2);
  }

 private:
  int64_t dim_;
  double eps_;
};

struct PairwiseDistanceOptions {
  double eps = 1e-6;  // is added to each difference
  bool keepdim = false;
};

/// torch.nn.PairwiseDistance: the p-norm of x1 − x2 + eps along the last dimension.
class PairwiseDistance : public Module {
 public:
  explicit PairwiseDistance(double p = 2, const PairwiseDistanceOptions& options = {});

  using Module::forward;
  virtual Tensor forward(const Tensor& x1, const Tensor& x2);
  Tensor operator()(const Tensor& x1, const Tensor& x2) {
    return call([this](const Tensor& a, const Tensor& b) { return forward(a, b); }, x1, x2);
  }

 private:
  double p_;
  PairwiseDistanceOptions options_;
};

}  // namespace cuttle
