#include "gradient_arrays.h"

#include <algorithm>

#include "../core/creation.h"
#include "../core/dispatch.h"
#include "../core/tensor_impl.h"
#include "../kernels/multi_tensor.h"

namespace cuttle {
namespace {

Tensor dense_form(const Tensor& gradient) {
  const DType dtype = element_size(gradient.dtype()) == 2 ? float32 : gradient.dtype();
  if (dtype == gradient.dtype() && is_dense_in_some_order(gradient.shape(), gradient.strides()))
    return gradient;
  return gradient.to(dtype).contiguous();
}

template <class T, class Element>
std::vector<kernels::ArrayOf<Element>> arrays_of(const std::vector<Tensor>& tensors) {
  std::vector<kernels::ArrayOf<Element>> arrays;
  arrays.reserve(tensors.size());
  for (const Tensor& each : tensors) arrays.push_back({each.data<T>(), each.numel()});
  return arrays;
}

}  // namespace

std::vector<GradientArrays> sorted_gradients(const std::vector<Tensor>& gradients) {
  std::vector<GradientArrays> sorted;
  for (const Tensor& gradient : gradients) {
    if (!gradient.defined()) continue;
    const Tensor plain = gradient.detach(), dense = dense_form(plain);
    auto place = std::find_if(sorted.begin(), sorted.end(), [&](const GradientArrays& each) {
      return each.device() == dense.device() && each.dtype() == dense.dtype();
    });
    if (place == sorted.end()) place = sorted.emplace(sorted.end());
    place->gradients.push_back(plain);
    place->dense.push_back(dense);
  }
  return sorted;
}

Tensor GradientArrays::norm(double p) const {
  Tensor total = empty({}, {.dtype = dtype(), .device = device()});
  dispatch_float_double("norm", dtype(), [&]<class T>() {
    const auto arrays = arrays_of<T, const T>(dense);
    on_device(device(),
              [&](auto stream) { kernels::multi_norm<T>(stream, p, arrays, total.data<T>()); });
  });
  return total;
}

void GradientArrays::scale(const Tensor& factor, const Tensor& found) const {
  dispatch_float_double("scale", dtype(), [&]<class T>() {
    const auto arrays = arrays_of<T, T>(dense);
    on_device(device(), [&](auto stream) {
      kernels::multi_scale<T>(stream, factor.data<T>(),
                              std::span<const kernels::ArrayOf<T>>(arrays),
                              found.defined() ? found.data<float>() : nullptr);
    });
  });
  for (size_t i = 0; i < dense.size(); ++i) {
    Tensor gradient = gradients[i];
    if (!dense[i].is_same(gradient))
      gradient.copy_(dense[i]);
    else
      gradient.impl().storage->bump_version();
  }
}

}  // namespace cuttle
