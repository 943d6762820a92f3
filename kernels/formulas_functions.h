// The elementwise table's mathematical functions and their derivatives. See elementwise_table.h;
// how to read a formula: formulas_arithmetic.h.
#pragma once

#include "elementwise_functions.h"
#include "formulas_arithmetic.h"

namespace cuttle::kernels::formulas {

// Derivatives of x are written with `x`, those that need the result alone with `y`; the table says
// which of the two is kept.
#define CUTTLE_FUNCTION(Name, function, fused, kept, derivative) \
  struct Name : Dear {                                           \
    static constexpr unsigned kFused = fused;                    \
    template <class V>                                           \
    CUTTLE_HOST_DEVICE static V value(V x) {                     \
      return function(x);                                        \
    }                                                            \
    template <class V>                                           \
    CUTTLE_HOST_DEVICE static V da(V g, V kept) {                \
      return derivative;                                         \
    }                                                            \
  };
inline constexpr double kLn2 = 0.693147180559945309, kLn10 = 2.30258509299404568;
inline constexpr double kRootPi = 1.77245385090551603, kRootHalf = 0.707106781186547524;

// clang-format off: it takes these products for pointers
CUTTLE_FUNCTION(Exp, exp, 0, y, g* y)
CUTTLE_FUNCTION(Exp2, exp2, 1, y, g*(y* V(kLn2)))
CUTTLE_FUNCTION(Expm1, expm1, 1, y, g*(y + 1))
CUTTLE_FUNCTION(Log, log, 0, x, g / x)
CUTTLE_FUNCTION(Log2, log2, 1, x, g / (x * V(kLn2)))
CUTTLE_FUNCTION(Log10, log10, 1, x, g / (x * V(kLn10)))
CUTTLE_FUNCTION(Log1p, log1p, 1, x, g / (x + 1))
CUTTLE_FUNCTION(Sqrt, sqrt, 1, y, g / (y * 2))
CUTTLE_FUNCTION(Rsqrt, rsqrt, 1, y, g*(y*(y* y) * V(-0.5)))
CUTTLE_FUNCTION(Reciprocal, reciprocal, 1, y, -(g*(y* y)))
CUTTLE_FUNCTION(Sin, sin, 1, x, g* cos(x))
CUTTLE_FUNCTION(Cos, cos, 1, x, -(g* sin(x)))
CUTTLE_FUNCTION(Tan, tan, 1, y, g*(y* y + 1))
CUTTLE_FUNCTION(Asin, asin, 1, x, g* rsqrt(1 - x * x))
CUTTLE_FUNCTION(Acos, acos, 1, x, -(g* rsqrt(1 - x * x)))
CUTTLE_FUNCTION(Atan, atan, 1, x, g / (x * x + 1))
CUTTLE_FUNCTION(Sinh, sinh, 1, x, g* cosh(x))
CUTTLE_FUNCTION(Cosh, cosh, 1, x, g* sinh(x))
CUTTLE_FUNCTION(Tanh, tanh, 1, y, g*(1 - y * y))
CUTTLE_FUNCTION(Asinh, asinh, 1, x, g* rsqrt(x* x + 1))
CUTTLE_FUNCTION(Acosh, acosh, 1, x, g* rsqrt(x* x - 1))
CUTTLE_FUNCTION(Atanh, atanh, 1, x, g / (1 - x * x))
CUTTLE_FUNCTION(Sigmoid, sigmoid, 1, y, g*(y*(1 - y)))
CUTTLE_FUNCTION(Erf, erf, 1, x, g*(exp(-(x* x)) * V(2 / kRootPi)))
CUTTLE_FUNCTION(Erfc, erfc, 1, x, g*(exp(-(x* x)) * V(-2 / kRootPi)))
CUTTLE_FUNCTION(Erfinv, erfinv, 1, y, g*(exp(y* y) * V(kRootPi / 2)))
// clang-format on
#undef CUTTLE_FUNCTION

inline constexpr double kPi = 3.14159265358979324;
inline constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

/// Beyond [0, 1] there is no slope either.
struct Logit : Dear {
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return log(x / (V(1) - x));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x) {
    const auto defined = both(x >= V(0), x <= V(1));
    return select(defined, g / (x * (1 - x)), V(kNotANumber));
  }
};

struct Sinc : Dear {
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return x == V(0) ? V(1) : sin(V(kPi) * x) / (V(kPi) * x);
  }
  /// At 0 the slope is 0; the division there is by 1.
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x) {
    const auto middle = x == V(0);
    const V safe = select(middle, V(1), x);
    const V angle = safe * V(kPi);
    return g * select(middle, V(0), (cos(angle) - sin(angle) / angle) / safe);
  }
};

#define CUTTLE_SCALE(Name, factor)           \
  struct Name : Formula {                    \
    template <class V>                       \
    CUTTLE_HOST_DEVICE static V value(V x) { \
      return x * V(factor);                  \
    }                                        \
    template <class V>                       \
    CUTTLE_HOST_DEVICE static V da(V g, V) { \
      return g * V(factor);                  \
    }                                        \
  };
CUTTLE_SCALE(Deg2rad, kPi / 180)
CUTTLE_SCALE(Rad2deg, 180 / kPi)
#undef CUTTLE_SCALE

struct Pow : Dear {
  static constexpr unsigned kFused = 3;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return pow(a, b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V a, V b) {
    return select(b == 0, zero_like(g), g * (b * pow(a, b - 1)));  // x⁰ is constant, 0 included
  }
  /// 0^b does not change with b ≥ 0. The logarithm is then of 1, for a gradient of the branch that
  /// is not taken, 0 · −∞, must not arise when this is differentiated again.
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V a, V b) {
    const auto constant = both(a == 0, b >= 0);
    return select(constant, zero_like(g), g * (pow(a, b) * log(select(constant, V(1), a))));
  }
};

struct Atan2 : Dear {
  static constexpr unsigned kFused = 3;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return atan2(a, b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V a, V b) {
    return g * (b / (a * a + b * b));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V a, V b) {
    return -(g * (a / (a * a + b * b)));
  }
};

/// As in PyTorch NaN where both are 0.
struct Hypot : Dear {
  static constexpr unsigned kFused = 3;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return hypot(a, b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V a, V b) {
    return g * (a / hypot(a, b));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V a, V b) {
    return g * (b / hypot(a, b));
  }
};

/// At 0 the slope is 0; the division there is by 1.
struct Copysign : Formula {
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return copysign(a, b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V a, V b) {
    return g * (copysign(a, b) / select(a == V(0), V(1), a));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V, V) {
    return zero_like(g);
  }
};

struct Xlogy : Dear {
  static constexpr unsigned kFused = 3;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return a == V(0) && b == b ? V(0) : a * log(b);
  }
  /// The logarithm is of 1 where it does not count, as in pow.
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V a, V b) {
    const auto nothing = both(a == V(0), b <= V(0));
    return select(nothing, zero_like(g), g * log(select(nothing, V(1), b)));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V a, V b) {
    return g * (a / b);
  }
};

/// The larger one and log(1 + e^−distance); equal infinities have no distance.
struct Logaddexp : Dear {
  static constexpr unsigned kFused = 3;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return isinf(a) && a == b ? a : maximum(a, b) + log1p(exp(-abs(a - b)));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V a, V b) {
    return g / (exp(b - a) + 1);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V a, V b) {
    return g / (exp(a - b) + 1);
  }
};

struct Logaddexp2 : Dear {
  static constexpr unsigned kFused = 3;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return isinf(a) && a == b ? a : maximum(a, b) + log1p(exp2(-abs(a - b))) * V(1 / kLn2);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V a, V b) {
    return g / (exp((b - a) * V(kLn2)) + 1);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V a, V b) {
    return g / (exp((a - b) * V(kLn2)) + 1);
  }
};

/// log(1 + e^(βx)) / β, and x itself where βx is above the threshold.
struct Softplus : Dear {
  static constexpr int kParameters = 2;
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x, V beta, V threshold) {
    return x * beta > threshold ? x : log1p(exp(x * beta)) / beta;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x, V beta, V threshold) {
    return select(x * beta > threshold, g, g * sigmoid(x * beta));
  }
};

}  // namespace cuttle::kernels::formulas
