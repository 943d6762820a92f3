// What the loss modules are made from.
#pragma once

#include "../../core/ops/losses/loss_reduction.h"
#include "../module.h"

namespace cuttle {

/// Of losses that have no other option.
struct LossOptions {
  LossReduction reduction = LossReduction::mean;
};

/// A module that compares an input with a target.
class Loss : public Module {
 public:
  using Module::forward;
  virtual Tensor forward(const Tensor& input, const Tensor& target) = 0;
  Tensor operator()(const Tensor& input, const Tensor& target) {
    return call([this](const Tensor& x, const Tensor& y) { return forward(x, y); }, input, target);
  }
};

/// A module that compares three tensors.
class TernaryLoss : public Module {
 public:
  using Module::forward;
  virtual Tensor forward(const Tensor& first, const Tensor& second, const Tensor& third) = 0;
  Tensor operator()(const Tensor& first, const Tensor& second, const Tensor& third) {
    return call(
        [this](const Tensor& x, const Tensor& y, const Tensor& z) { return forward(x, y, z); },
        first, second, third);
  }
};

/// What the class Layer derives from: either of them with the options of its function.
template <class Layer, class Base, class Options>
class LossWith : public Base {
 public:
  explicit LossWith(const Options& options = {}) : options_(options) {
    this->template constructed_from<Layer>(options);
  }
  const Options& options() const noexcept { return options_; }

 private:
  Options options_;
};

}  // namespace cuttle
