// The products that all matrix operations come down to. For core/ops alone.
#pragma once

#include <string_view>

#include "../scalar.h"
#include "../tensor.h"

namespace cuttle {

/// Throws Error unless both are defined, on one device, and of one dtype that can be multiplied.
void check_factors(std::string_view op, const Tensor& a, const Tensor& b);

/// Throws Error unless input, of the dtype and device of factor `a`, broadcasts to the product's
/// `shape`, and beta and alpha are whole for integers.
void check_summand(std::string_view op, const Tensor& input, const Tensor& a, const Shape& shape,
                   const Scalar& beta, const Scalar& alpha);

/// (…, m, k) · (…, k, n) = (…, m, n), recorded as `op`. The leading dimensions are equal; where
/// they are expanded (stride 0) nothing is copied.
Tensor product(std::string_view op, const Tensor& a, const Tensor& b);

/// beta · input + alpha · product, recorded as `op`; input broadcasts to the product's shape.
Tensor product_added(std::string_view op, const Tensor& input, const Tensor& a, const Tensor& b,
                     Scalar beta, Scalar alpha);

}  // namespace cuttle
