// The elementwise table's choices, comparisons, logic and bits, and functions of three operands.
// See elementwise_table.h; how to read a formula: formulas_arithmetic.h.
#pragma once

#include "formulas_arithmetic.h"

namespace cuttle::kernels::formulas {

// Bounds pass the gradient: x at a bound is x.
struct ClampMin : Formula {
  static constexpr unsigned kFused = 3;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x, V low) {
    return maximum(x, low);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x, V low) {
    return select(x >= low, g, V(0));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V x, V low) {
    return select(x < low, g, V(0));
  }
};

struct ClampMax : Formula {
  static constexpr unsigned kFused = 3;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x, V high) {
    return minimum(x, high);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x, V high) {
    return select(x <= high, g, V(0));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V x, V high) {
    return select(x > high, g, V(0));
  }
};

/// min(max(x, low), high): high where the bounds cross.
struct Clamp : Formula {
  static constexpr unsigned kFused = 7;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x, V low, V high) {
    return minimum(maximum(x, low), high);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x, V low, V high) {
    return select(both(x >= low, x <= high), g, V(0));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V x, V low, V high) {
    return select(both(x < low, low < high), g, V(0));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V dc(V g, V x, V low, V high) {
    return select(either(x > high, high < low), g, V(0));
  }
};

/// The first operand is a condition.
struct Where : Formula {
  template <class C, class V>
  CUTTLE_HOST_DEVICE static V value(C condition, V yes, V no) {
    return condition ? yes : no;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V condition, V, V) {
    return select(condition, g, V(0));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V dc(V g, V condition, V, V) {
    return select(condition, V(0), g);
  }
};

/// a + weight · (b − a), counted from the nearer end so that weight 1 gives b.
struct Lerp : Formula {
  static constexpr unsigned kFused = 5;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b, V weight) {
    return weight < V(0.5) ? a + weight * (b - a) : b - (b - a) * (V(1) - weight);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V, V, V weight) {
    return g * (1 - weight);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V, V, V weight) {
    return g * weight;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V dc(V g, V a, V b, V) {
    return g * (b - a);
  }
};

/// a + value · b · c.
struct Addcmul : Formula {
  static constexpr int kParameters = 1;
  static constexpr unsigned kFused = 6;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b, V c, V factor) {
    return add(a, mul(mul(factor, b), c));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V, V, V, V) {
    return g;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V, V, V c, V factor) {
    return g * (c * factor);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V dc(V g, V, V b, V, V factor) {
    return g * (b * factor);
  }
};

/// a + value · b / c.
struct Addcdiv : Formula {
  static constexpr int kParameters = 1;
  static constexpr unsigned kFused = 6;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b, V c, V factor) {
    return a + factor * b / c;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V, V, V, V) {
    return g;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V, V, V c, V factor) {
    return g * (factor / c);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V dc(V g, V, V b, V c, V factor) {
    return -(g * (b * factor / c / c));
  }
};

// Without a derivative: their results are truth values or integers.
#define CUTTLE_TEST_OF_ONE(Name, expression)    \
  struct Name : Formula {                       \
    template <class V>                          \
    CUTTLE_HOST_DEVICE static bool value(V x) { \
      return expression;                        \
    }                                           \
  };
CUTTLE_TEST_OF_ONE(IsNan, isnan(x))
CUTTLE_TEST_OF_ONE(IsInf, isinf(x))
CUTTLE_TEST_OF_ONE(IsPosInf, isinf(x) && !is_negative(x))
CUTTLE_TEST_OF_ONE(IsNegInf, isinf(x) && is_negative(x))
CUTTLE_TEST_OF_ONE(Signbit, has_sign(x))
CUTTLE_TEST_OF_ONE(IsFinite, isfinite(x))
CUTTLE_TEST_OF_ONE(LogicalNot, x == V(0))
#undef CUTTLE_TEST_OF_ONE

#define CUTTLE_TEST_OF_TWO(Name, expression)         \
  struct Name : Formula {                            \
    template <class V>                               \
    CUTTLE_HOST_DEVICE static bool value(V a, V b) { \
      return expression;                             \
    }                                                \
  };
CUTTLE_TEST_OF_TWO(Equal, a == b)
CUTTLE_TEST_OF_TWO(NotEqual, a != b)
CUTTLE_TEST_OF_TWO(Less, a < b)
CUTTLE_TEST_OF_TWO(LessEqual, a <= b)
CUTTLE_TEST_OF_TWO(Greater, a > b)
CUTTLE_TEST_OF_TWO(GreaterEqual, a >= b)
CUTTLE_TEST_OF_TWO(LogicalAnd, a != V(0) && b != V(0))
CUTTLE_TEST_OF_TWO(LogicalOr, a != V(0) || b != V(0))
CUTTLE_TEST_OF_TWO(LogicalXor, (a != V(0)) != (b != V(0)))
#undef CUTTLE_TEST_OF_TWO

struct BitwiseNot : Formula {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    if constexpr (std::is_same_v<V, bool>)
      return !x;
    else
      return static_cast<V>(~x);
  }
};
#define CUTTLE_BITS_OF_TWO(Name, expression)      \
  struct Name : Formula {                         \
    template <class V>                            \
    CUTTLE_HOST_DEVICE static V value(V a, V b) { \
      return static_cast<V>(expression);          \
    }                                             \
  };
CUTTLE_BITS_OF_TWO(BitwiseAnd, (a & b))
CUTTLE_BITS_OF_TWO(BitwiseOr, a | b)
CUTTLE_BITS_OF_TWO(BitwiseXor, a ^ b)
CUTTLE_BITS_OF_TWO(LeftShift, left_shift(a, b))
CUTTLE_BITS_OF_TWO(RightShift, right_shift(a, b))
#undef CUTTLE_BITS_OF_TWO

}  // namespace cuttle::kernels::formulas
