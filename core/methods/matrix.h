// Products of matrices and vectors.
#pragma once

#include <cstdint>
#include <optional>

#include "../scalar.h"

namespace cuttle {

class Tensor;

/// What Tensor inherits: linear algebra. What each computes, and its errors: core/ops/matmul.h and
/// core/ops/products.h.
class MatrixMethods {
 public:
  Tensor matmul(const Tensor& other) const;
  Tensor mm(const Tensor& other) const;
  Tensor bmm(const Tensor& other) const;
  Tensor mv(const Tensor& vector) const;
  /// beta · this + alpha · (a · b), and so on.
  Tensor addmm(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1) const;
  Tensor baddbmm(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1) const;
  Tensor addbmm(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1) const;
  Tensor addmv(const Tensor& matrix, const Tensor& vector, Scalar beta = 1, Scalar alpha = 1) const;
  Tensor addr(const Tensor& column, const Tensor& row, Scalar beta = 1, Scalar alpha = 1) const;
  /// The same written into this tensor, which has the result's shape.
  Tensor& addmm_(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1);
  Tensor& baddbmm_(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1);
  Tensor& addbmm_(const Tensor& a, const Tensor& b, Scalar beta = 1, Scalar alpha = 1);
  Tensor& addmv_(const Tensor& matrix, const Tensor& vector, Scalar beta = 1, Scalar alpha = 1);
  Tensor& addr_(const Tensor& column, const Tensor& row, Scalar beta = 1, Scalar alpha = 1);
  Tensor outer(const Tensor& row) const;
  Tensor dot(const Tensor& other) const;
  Tensor vdot(const Tensor& other) const;
  Tensor inner(const Tensor& other) const;
  Tensor kron(const Tensor& other) const;
  Tensor cross(const Tensor& other, std::optional<int64_t> dim = {}) const;
  Tensor trace() const;

 protected:
  MatrixMethods() = default;
  MatrixMethods(const MatrixMethods&) = default;
  MatrixMethods& operator=(const MatrixMethods&) = default;
  ~MatrixMethods() = default;
};

}  // namespace cuttle
