// What the transformer's layers are made of beside attention: dropout and a list of layers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../dropped.h"
#include "../module.h"
#include "../printed_number.h"

namespace cuttle::transformer {

/// torch.nn.Dropout.
class Dropout : public Module {
 public:
  explicit Dropout(double p) : p_(p) {
    if (!(p >= 0 && p <= 1)) fail("Dropout: p must lie in [0, 1], got ", p);
  }
  Tensor forward(const Tensor& input) override {
    return is_training() ? dropped(input, p_) : input;
  }
  std::string extra_repr() const override { return "p=" + printed_number(p_) + ", inplace=False"; }

 private:
  double p_;
};

/// torch.nn.ModuleList of layers of one class.
template <class Layer>
class LayerList : public Module {
 public:
  explicit LayerList(std::vector<std::shared_ptr<Layer>> layers) : layers_(std::move(layers)) {
    for (size_t i = 0; i < layers_.size(); ++i) register_module(std::to_string(i), layers_[i]);
  }
  std::string type_name() const override { return "ModuleList"; }

  size_t size() const noexcept { return layers_.size(); }
  Layer& operator[](size_t i) const { return *layers_.at(i); }
  auto begin() const { return layers_.begin(); }
  auto end() const { return layers_.end(); }

 private:
  std::vector<std::shared_ptr<Layer>> layers_;
};

}  // namespace cuttle::transformer
