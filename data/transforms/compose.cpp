#include "compose.h"

#include "one_pass.h"

namespace cuttle {

Compose::Compose(std::vector<Transform> transforms) : transforms_(std::move(transforms)) {
  for (size_t i = 0; i < transforms_.size(); ++i) passes_.push_back(OnePass::from(transforms_, i));
}

Tensor Compose::operator()(const Tensor& image) const {
  Tensor out = image;
  for (size_t i = 0; i < transforms_.size();) {
    const std::shared_ptr<const OnePass>& pass = passes_[i];
    if (pass && pass->takes(out)) {
      out = (*pass)(out);
      i += pass->size();
    } else {
      if (transforms_[i]) out = transforms_[i](out);
      ++i;
    }
  }
  return out;
}

Lambda::Lambda(Transform function) : function_(std::move(function)) {
  if (!function_) fail("Lambda: the function is empty");
}

}  // namespace cuttle
