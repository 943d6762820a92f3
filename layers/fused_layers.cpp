#include "fused_layers.h"

#include <typeinfo>

#include "pooling/max_pool.h"
#include "relu.h"

namespace cuttle {
namespace {

/// The layer of that number if its class is just Layer, and nobody watches its calls. Asked of
/// every layer in every call, so classes are told apart by the address of what describes them, not
/// by its text: a static library has one of each.
template <class Layer>
Layer* layer_at(const Module::NamedChildren& children, size_t index) {
  if (index >= children.size()) return nullptr;
  Module& module = *children[index].second;
  const bool just_that = &typeid(module) == &typeid(Layer) && !module.has_hooks();
  return just_that ? static_cast<Layer*>(&module) : nullptr;
}

BatchNorm* batch_norm_at(const Module::NamedChildren& children, size_t index) {
  if (BatchNorm* const norm = layer_at<BatchNorm2d>(children, index)) return norm;
  if (BatchNorm* const norm = layer_at<BatchNorm3d>(children, index)) return norm;
  return layer_at<BatchNorm1d>(children, index);
}

/// Windows of 2 × 2 side by side, as conv2d_max_pool2d has them.
bool halves(const MaxPool2d* pool) {
  const auto is = [](const Pair& pair, int64_t value) {
    return pair.height == value && pair.width == value;
  };
  return pool != nullptr && is(pool->kernel_size(), 2) &&
         is(pool->options().stride.value_or(pool->kernel_size()), 2) &&
         is(pool->options().padding, 0) && is(pool->options().dilation, 1) &&
         !pool->options().ceil_mode;
}

}  // namespace

Tensor FusedLayers::forward(const Tensor& input) const {
  try {
    if (norm != nullptr) return norm->forward_relu(input);
    return conv2d_max_pool2d(input, convolution->weight, convolution->bias, convolution->options(),
                             activation);
  } catch (const Error&) {
    return {};
  }
}

std::optional<FusedLayers> find_fused_layers(const Module::NamedChildren& children, size_t first) {
  if (BatchNorm* const norm = batch_norm_at(children, first)) {
    if (layer_at<ReLU>(children, first + 1) == nullptr) return std::nullopt;
    return FusedLayers{nullptr, norm, Activation::relu, 2};
  }
  const auto* convolution = layer_at<Conv2d>(children, first);
  if (convolution == nullptr) return std::nullopt;
  const size_t pool = layer_at<ReLU>(children, first + 1) ? first + 2 : first + 1;
  if (!halves(layer_at<MaxPool2d>(children, pool))) return std::nullopt;
  const bool relu_before = pool == first + 2;
  // The largest of a window is cut off at 0 or not, before pooling or behind it.
  const bool relu_behind = !relu_before && layer_at<ReLU>(children, pool + 1) != nullptr;
  const bool relu = relu_before || relu_behind;
  return FusedLayers{convolution, nullptr, relu ? Activation::relu : Activation::none,
                     size_t{relu ? 3u : 2u}};
}

}  // namespace cuttle
