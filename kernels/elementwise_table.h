// The one table of everything that works element by element. A row is all that an operation is;
// from it come the enumerator, the kernels of both backends, the tape entry, the methods of Tensor
// (core/methods/elementwise.h), the tests' list and the table in docs/operations.md
// (tools/operations_table.py). docs/adding_an_op.md says how to add one.
//
// A row is X(name, formula, operands, takes, gives, keeps, text):
//   formula   the struct of kernels/formulas_*.h with the value and its derivatives
//   operands  how many tensors it takes; a number may stand for each but the first
//   takes     `any` dtype, `numbers` (all but bool), `integers` (bool too), `whole` (not bool),
//             `floating` (integers become float32), `real` (floating dtypes alone)
//   gives     the `same` dtype as it computes in, or `boolean`
//   keeps     what the gradient of the first, second, third operand needs, of the operands a, b, c
//             and the result y; `constant`: it has no derivative
//   text      the formula, for the documentation
#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>

#define CUTTLE_UNARY_ARITHMETIC(X)                                                        \
  X(neg, Neg, 1, numbers, same, keeps(0), "-x")                                           \
  X(abs, Abs, 1, numbers, same, keeps(a), "|x|")                                          \
  X(sign, Sign, 1, any, same, keeps(0), "-1, 0 or 1; of NaN 0")                           \
  X(square, Square, 1, numbers, same, keeps(a), "x * x")                                  \
  X(relu, Relu, 1, numbers, same, keeps(y), "max(x, 0)")                                  \
  X(floor, Floor, 1, numbers, same, keeps(0), "the whole number at or below x")           \
  X(ceil, Ceil, 1, numbers, same, keeps(0), "the whole number at or above x")             \
  X(round, Round, 1, numbers, same, keeps(0), "the nearest whole number, halves to even") \
  X(trunc, Trunc, 1, numbers, same, keeps(0), "x without its fraction")                   \
  X(frac, Frac, 1, real, same, keeps(0), "x - trunc(x)")

#define CUTTLE_UNARY_FUNCTIONS(X)                                                           \
  X(exp, Exp, 1, floating, same, keeps(y), "e^x")                                           \
  X(exp2, Exp2, 1, floating, same, keeps(y), "2^x")                                         \
  X(expm1, Expm1, 1, floating, same, keeps(y), "e^x - 1")                                   \
  X(log, Log, 1, floating, same, keeps(a), "the natural logarithm")                         \
  X(log2, Log2, 1, floating, same, keeps(a), "the logarithm to base 2")                     \
  X(log10, Log10, 1, floating, same, keeps(a), "the logarithm to base 10")                  \
  X(log1p, Log1p, 1, floating, same, keeps(a), "log(1 + x)")                                \
  X(sqrt, Sqrt, 1, floating, same, keeps(y), "the square root")                             \
  X(rsqrt, Rsqrt, 1, floating, same, keeps(y), "1 / sqrt(x)")                               \
  X(reciprocal, Reciprocal, 1, floating, same, keeps(y), "1 / x")                           \
  X(sin, Sin, 1, floating, same, keeps(a), "sine of x radians")                             \
  X(cos, Cos, 1, floating, same, keeps(a), "cosine")                                        \
  X(tan, Tan, 1, floating, same, keeps(y), "tangent")                                       \
  X(asin, Asin, 1, floating, same, keeps(a), "the angle of that sine")                      \
  X(acos, Acos, 1, floating, same, keeps(a), "the angle of that cosine")                    \
  X(atan, Atan, 1, floating, same, keeps(a), "the angle of that tangent")                   \
  X(sinh, Sinh, 1, floating, same, keeps(a), "(e^x - e^-x) / 2")                            \
  X(cosh, Cosh, 1, floating, same, keeps(a), "(e^x + e^-x) / 2")                            \
  X(tanh, Tanh, 1, floating, same, keeps(y), "sinh(x) / cosh(x)")                           \
  X(asinh, Asinh, 1, floating, same, keeps(a), "the inverse of sinh")                       \
  X(acosh, Acosh, 1, floating, same, keeps(a), "the inverse of cosh, from 1 on")            \
  X(atanh, Atanh, 1, floating, same, keeps(a), "the inverse of tanh, within (-1, 1)")       \
  X(sigmoid, Sigmoid, 1, floating, same, keeps(y), "1 / (1 + e^-x)")                        \
  X(erf, Erf, 1, floating, same, keeps(a), "2 / sqrt(pi) * integral of e^-t^2 from 0 to x") \
  X(erfc, Erfc, 1, floating, same, keeps(a), "1 - erf(x)")                                  \
  X(erfinv, Erfinv, 1, floating, same, keeps(y), "the inverse of erf")                      \
  X(logit, Logit, 1, floating, same, keeps(a), "log(x / (1 - x))")                          \
  X(sinc, Sinc, 1, floating, same, keeps(a), "sin(pi x) / (pi x), 1 at 0")                  \
  X(deg2rad, Deg2rad, 1, floating, same, keeps(0), "x * pi / 180")                          \
  X(rad2deg, Rad2deg, 1, floating, same, keeps(0), "x * 180 / pi")                          \
  X(silu, Silu, 1, real, same, keeps(a), "x * sigmoid(x)")

// With parameters or forms of their own: their methods are written by hand.
#define CUTTLE_ACTIVATIONS(X)                                                                     \
  X(gelu, Gelu, 1, real, same, keeps(a), "x * (1 + erf(x / sqrt(2))) / 2")                        \
  X(gelu_tanh, GeluTanh, 1, real, same, keeps(a), "gelu by way of tanh")                          \
  X(softplus, Softplus, 1, real, same, keeps(a), "log(1 + e^(beta x)) / beta")                    \
  X(leaky_relu, LeakyRelu, 1, real, same, keeps(a), "x, or slope * x below 0")                    \
  X(elu, Elu, 1, real, same, keeps(a), "scale * x, or scale * alpha * (e^(inner x) - 1) below 0") \
  X(mish, Mish, 1, real, same, keeps(a), "x * tanh(log(1 + e^x))")                                \
  X(hardswish, Hardswish, 1, real, same, keeps(a), "x * min(max(x + 3, 0), 6) / 6")               \
  X(hardsigmoid, Hardsigmoid, 1, real, same, keeps(a), "min(max(x + 3, 0), 6) / 6")               \
  X(softsign, Softsign, 1, real, same, keeps(a), "x / (1 + |x|)")                                 \
  X(logsigmoid, LogSigmoid, 1, real, same, keeps(a), "log(1 / (1 + e^-x))")                       \
  X(prelu, Prelu, 2, real, same, keeps(a | b, a), "a, or a * b where a is below 0")               \
  X(glu, Glu, 2, real, same, keeps(b, a | b), "a / (1 + e^-b)")

#define CUTTLE_UNARY_TESTS(X)                                        \
  X(isnan, IsNan, 1, any, boolean, constant, "x is NaN")             \
  X(isinf, IsInf, 1, any, boolean, constant, "x is infinite")        \
  X(isposinf, IsPosInf, 1, any, boolean, constant, "x is +infinity") \
  X(isneginf, IsNegInf, 1, any, boolean, constant, "x is -infinity") \
  X(isfinite, IsFinite, 1, any, boolean, constant, "x is finite")    \
  X(signbit, Signbit, 1, any, boolean, constant, "x is below 0, or -0")

#define CUTTLE_ARITHMETIC(X)                                                        \
  X(add, Add, 2, any, same, keeps(0, 0), "a + b; of bool: or")                      \
  X(add_scaled, AddScaled, 2, any, same, keeps(0, 0), "a + alpha * b")              \
  X(sub, Sub, 2, numbers, same, keeps(0, 0), "a - b")                               \
  X(mul, Mul, 2, any, same, keeps(b, a), "a * b; of bool: and")                     \
  X(div, Div, 2, floating, same, keeps(b, a | b), "a / b")                          \
  X(div_trunc, DivTrunc, 2, numbers, same, keeps(0, 0), "trunc(a / b)")             \
  X(maximum, Maximum, 2, any, same, keeps(a | b, a | b), "the larger one, or NaN")  \
  X(minimum, Minimum, 2, any, same, keeps(a | b, a | b), "the smaller one, or NaN") \
  X(masked, Masked, 2, any, same, keeps(b), "a where b is not 0, else 0")

#define CUTTLE_BINARY_ARITHMETIC(X)                                                               \
  X(floor_divide, FloorDivide, 2, numbers, same, keeps(0, 0), "floor(a / b)")                     \
  X(remainder, Remainder, 2, numbers, same, keeps(0, a | b), "a - b * floor(a / b), signed as b") \
  X(fmod, Fmod, 2, numbers, same, keeps(0, a | b), "a - b * trunc(a / b), signed as a")           \
  X(heaviside, Heaviside, 2, any, same, constant, "0 below 0, 1 above, b where a is 0")

#define CUTTLE_BINARY_FUNCTIONS(X)                                                         \
  X(pow, Pow, 2, numbers, same, keeps(a | b, a | b), "a^b")                                \
  X(atan2, Atan2, 2, floating, same, keeps(a | b, a | b), "the angle of the point (b, a)") \
  X(hypot, Hypot, 2, real, same, keeps(a | b, a | b), "sqrt(a^2 + b^2), without overflow") \
  X(copysign, Copysign, 2, floating, same, keeps(a | b, 0), "|a| with the sign of b")      \
  X(xlogy, Xlogy, 2, floating, same, keeps(a | b, a | b), "a * log(b), 0 where a is 0")    \
  X(logaddexp, Logaddexp, 2, real, same, keeps(a | b, a | b), "log(e^a + e^b)")            \
  X(logaddexp2, Logaddexp2, 2, real, same, keeps(a | b, a | b), "log2(2^a + 2^b)")

#define CUTTLE_COMPARISONS(X)                                           \
  X(eq, Equal, 2, any, boolean, constant, "a == b")                     \
  X(ne, NotEqual, 2, any, boolean, constant, "a != b")                  \
  X(lt, Less, 2, any, boolean, constant, "a < b")                       \
  X(le, LessEqual, 2, any, boolean, constant, "a <= b")                 \
  X(gt, Greater, 2, any, boolean, constant, "a > b")                    \
  X(ge, GreaterEqual, 2, any, boolean, constant, "a >= b")              \
  X(logical_and, LogicalAnd, 2, any, boolean, constant, "neither is 0") \
  X(logical_or, LogicalOr, 2, any, boolean, constant, "one is not 0")   \
  X(logical_xor, LogicalXor, 2, any, boolean, constant, "exactly one is not 0")

#define CUTTLE_UNARY_LOGIC(X)                                     \
  X(logical_not, LogicalNot, 1, any, boolean, constant, "x is 0") \
  X(bitwise_not, BitwiseNot, 1, integers, same, constant, "every bit turned; of bool: not")

#define CUTTLE_BITS(X)                                                           \
  X(bitwise_and, BitwiseAnd, 2, integers, same, constant, "bits in both")        \
  X(bitwise_or, BitwiseOr, 2, integers, same, constant, "bits in one of them")   \
  X(bitwise_xor, BitwiseXor, 2, integers, same, constant, "bits in exactly one") \
  X(bitwise_left_shift, LeftShift, 2, whole, same, constant, "a * 2^b")          \
  X(bitwise_right_shift, RightShift, 2, whole, same, constant, "floor(a / 2^b)")

#define CUTTLE_BOUNDS(X)                                                     \
  X(clamp_min, ClampMin, 2, numbers, same, keeps(a | b, a | b), "max(a, b)") \
  X(clamp_max, ClampMax, 2, numbers, same, keeps(a | b, a | b), "min(a, b)")

#define CUTTLE_CHOICES(X)                                                                        \
  X(threshold, Threshold, 1, numbers, same, keeps(a), "x above a threshold, else another value") \
  X(hardtanh, Hardtanh, 1, numbers, same, keeps(a), "min(max(x, low), high)")                    \
  X(nan_to_num, NanToNum, 1, numbers, same, keeps(a),                                            \
    "x, or numbers in place of NaN and infinities")                                              \
  X(clamp, Clamp, 3, numbers, same, keeps(a | b | c, a | b | c, a | b | c), "min(max(a, b), c)") \
  X(where, Where, 3, any, same, keeps(0, a, a), "b where a is true, else c")                     \
  X(lerp, Lerp, 3, real, same, keeps(c, c, a | b), "a + c * (b - a)")                            \
  X(addcmul, Addcmul, 3, numbers, same, keeps(0, c, b), "a + value * b * c")                     \
  X(addcdiv, Addcdiv, 3, real, same, keeps(0, c, b | c), "a + value * b / c")

// Compiled together: what every type has; what gives truth values or bits; what floating types
// alone have.
#define CUTTLE_ELEMENTWISE_ARITHMETIC(X) \
  CUTTLE_UNARY_ARITHMETIC(X)             \
  CUTTLE_ARITHMETIC(X)                   \
  CUTTLE_BINARY_ARITHMETIC(X) CUTTLE_BINARY_FUNCTIONS(X) CUTTLE_BOUNDS(X) CUTTLE_CHOICES(X)
#define CUTTLE_ELEMENTWISE_LOGIC(X) \
  CUTTLE_UNARY_TESTS(X) CUTTLE_COMPARISONS(X) CUTTLE_UNARY_LOGIC(X) CUTTLE_BITS(X)
#define CUTTLE_ELEMENTWISE_FUNCTIONS(X) CUTTLE_UNARY_FUNCTIONS(X) CUTTLE_ACTIVATIONS(X)
#define CUTTLE_ELEMENTWISE(X) \
  CUTTLE_ELEMENTWISE_ARITHMETIC(X) CUTTLE_ELEMENTWISE_LOGIC(X) CUTTLE_ELEMENTWISE_FUNCTIONS(X)

namespace cuttle::kernels {

enum class Elementwise : uint8_t {
#define CUTTLE_ROW(name, ...) name,
  CUTTLE_ELEMENTWISE(CUTTLE_ROW)
#undef CUTTLE_ROW
};

namespace table {

enum Takes : uint8_t { any, numbers, integers, whole, floating, real };
enum Gives : uint8_t { same, boolean };

/// What the gradients need: bits a, b, c of the operands and y of the result, for each operand.
struct Keeps {
  uint8_t of[3] = {};
  bool differentiable = false;
};
inline constexpr uint8_t a = 1, b = 2, c = 4, y = 8;
constexpr Keeps keeps(int da, int db = 0, int dc = 0) {
  return {{static_cast<uint8_t>(da), static_cast<uint8_t>(db), static_cast<uint8_t>(dc)}, true};
}
inline constexpr Keeps constant = {};

}  // namespace table

struct ElementwiseRow {
  std::string_view name;
  std::string_view in_place_name;
  uint8_t operands;
  table::Takes takes;
  table::Gives gives;
  table::Keeps keeps;
};

namespace table {
inline constexpr ElementwiseRow kRows[] = {
#define CUTTLE_ROW(name, formula, operands, takes, gives, keeps, text) \
  {#name, #name "_", operands, takes, gives, keeps},
    CUTTLE_ELEMENTWISE(CUTTLE_ROW)
#undef CUTTLE_ROW
};
}  // namespace table

inline constexpr int kElementwiseRows = static_cast<int>(std::size(table::kRows));
constexpr const ElementwiseRow& row_of(Elementwise op) {
  return table::kRows[static_cast<int>(op)];
}

}  // namespace cuttle::kernels
