// Functions on images, one after the other.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "../../core/tensor.h"

namespace cuttle {

/// Any function from one image to another; an empty one leaves it as it is.
using Transform = std::function<Tensor(const Tensor&)>;

class OnePass;  // data/transforms/one_pass.h

/// One transform after the other: Compose({ToTensor(), Normalize({0.5f}, {0.5f})}). Neighbours that
/// move a picture's bytes alone run as one, with the same result.
class Compose {
 public:
  explicit Compose(std::vector<Transform> transforms);
  Tensor operator()(const Tensor& image) const;

 private:
  std::vector<Transform> transforms_;
  std::vector<std::shared_ptr<const OnePass>> passes_;  // what may run from each transform on
};

/// A function of one's own: Lambda([](const Tensor& image) { return image * 2 - 1; }).
class Lambda {
 public:
  /// Throws Error for an empty function.
  explicit Lambda(Transform function);
  Tensor operator()(const Tensor& image) const { return function_(image); }

 private:
  Transform function_;
};

}  // namespace cuttle
