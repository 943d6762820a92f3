// exp(x), maximum(a, b), where(c, a, b) …: every operation of the elementwise table as a function.
// Formulas, dtypes and gradients: docs/operations.md. What they share: core/methods/elementwise.h.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "../../kernels/elementwise_table.h"
#include "../scalar.h"
#include "../tensor.h"

namespace cuttle {

#define CUTTLE_FUNCTION_OF_ONE(name, ...) Tensor name(const Tensor& x);
CUTTLE_UNARY_ARITHMETIC(CUTTLE_FUNCTION_OF_ONE)
CUTTLE_UNARY_FUNCTIONS(CUTTLE_FUNCTION_OF_ONE)
CUTTLE_UNARY_LOGIC(CUTTLE_FUNCTION_OF_ONE)
CUTTLE_UNARY_TESTS(CUTTLE_FUNCTION_OF_ONE)
#undef CUTTLE_FUNCTION_OF_ONE

#define CUTTLE_FUNCTION_OF_TWO(name, ...)        \
  Tensor name(const Tensor& a, const Tensor& b); \
  Tensor name(const Tensor& a, Scalar b);        \
  Tensor name(Scalar a, const Tensor& b);
CUTTLE_BINARY_ARITHMETIC(CUTTLE_FUNCTION_OF_TWO)
CUTTLE_BINARY_FUNCTIONS(CUTTLE_FUNCTION_OF_TWO)
CUTTLE_COMPARISONS(CUTTLE_FUNCTION_OF_TWO)
CUTTLE_BITS(CUTTLE_FUNCTION_OF_TWO)
CUTTLE_BOUNDS(CUTTLE_FUNCTION_OF_TWO)
#undef CUTTLE_FUNCTION_OF_TWO

// An integer divided by the number 0, or on the CPU by a tensor with a 0 (floor_divide, remainder,
// fmod, div with a rounding mode), is an Error; on a GPU dividing by a tensor's 0 gives 0.

/// The larger / smaller of each pair, NaN where one is; where both are equal each gets half the
/// gradient.
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor add(const Tensor& a, const Tensor& b, Scalar alpha = 1);
Tensor sub(const Tensor& a, const Tensor& b, Scalar alpha = 1);
Tensor mul(const Tensor& a, const Tensor& b);
/// The quotient; "trunc" and "floor" round it towards 0 and −∞. Throws Error for another mode.
Tensor div(const Tensor& a, const Tensor& b, std::string_view rounding_mode = "");

/// With eps x is clamped to [eps, 1 − eps] first.
Tensor logit(const Tensor& x, double eps);

/// The places where `condition` is not 0, an int64 vector for each dimension (one for a tensor
/// without dimensions): torch.where(condition), x.nonzero(as_tuple=True). Waits for the device.
std::vector<Tensor> where(const Tensor& condition);
/// `yes` where `condition` (bool) is true, else `no`; the value that is not taken gets no gradient,
/// not even NaN.
Tensor where(const Tensor& condition, const Tensor& yes, const Tensor& no);
Tensor where(const Tensor& condition, const Tensor& yes, Scalar no);
Tensor where(const Tensor& condition, Scalar yes, const Tensor& no);
Tensor where(const Tensor& condition, Scalar yes, Scalar no);
/// min(max(x, low), high); high where the bounds cross.
Tensor clamp(const Tensor& x, std::optional<Scalar> low, std::optional<Scalar> high = {});
Tensor clamp(const Tensor& x, const Tensor& low, const Tensor& high);
Tensor lerp(const Tensor& start, const Tensor& end, const Tensor& weight);
Tensor lerp(const Tensor& start, const Tensor& end, Scalar weight);
Tensor addcmul(const Tensor& x, const Tensor& a, const Tensor& b, Scalar value = 1);
Tensor addcdiv(const Tensor& x, const Tensor& a, const Tensor& b, Scalar value = 1);
Tensor nan_to_num(const Tensor& x, double nan = 0, std::optional<double> posinf = {},
                  std::optional<double> neginf = {});

}  // namespace cuttle
