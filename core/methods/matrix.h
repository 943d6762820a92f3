// Products of matrices.
#pragma once

namespace cuttle {

class Tensor;

/// What Tensor inherits: linear algebra.
class MatrixMethods {
 public:
  Tensor matmul(const Tensor& other) const;

 protected:
  MatrixMethods() = default;
  MatrixMethods(const MatrixMethods&) = default;
  MatrixMethods& operator=(const MatrixMethods&) = default;
  ~MatrixMethods() = default;
};

}  // namespace cuttle
