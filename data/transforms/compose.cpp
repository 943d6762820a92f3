#include "compose.h"

namespace cuttle {

Tensor Compose::operator()(const Tensor& image) const {
  Tensor out = image;
  for (const Transform& transform : transforms_) {
    if (transform) out = transform(out);
  }
  return out;
}

Lambda::Lambda(Transform function) : function_(std::move(function)) {
  if (!function_) fail("Lambda: the function is empty");
}

}  // namespace cuttle
