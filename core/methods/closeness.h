// Whether two tensors are alike.
#pragma once

namespace cuttle {

class Tensor;

/// What Tensor inherits: comparisons of whole tensors (core/ops/closeness.h).
class ClosenessMethods {
 public:
  bool equal(const Tensor& other) const;
  bool allclose(const Tensor& other, double rtol = 1e-5, double atol = 1e-8,
                bool equal_nan = false) const;
  Tensor isclose(const Tensor& other, double rtol = 1e-5, double atol = 1e-8,
                 bool equal_nan = false) const;

 protected:
  ClosenessMethods() = default;
  ClosenessMethods(const ClosenessMethods&) = default;
  ClosenessMethods& operator=(const ClosenessMethods&) = default;
  ~ClosenessMethods() = default;
};

}  // namespace cuttle
