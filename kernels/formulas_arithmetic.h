// What the elementwise table's arithmetic computes, and its derivatives. See elementwise_table.h.
#pragma once

#include "elementwise_math.h"

/// Formulas are templates over the type V of a value: a number within a kernel, and for derivatives
/// also a Term (core/ops/term.h), with which the same text records operations. `value` gives the
/// element from those of the operands and the parameters, which are numbers always; `da`, `db`,
/// `dc` the gradient of the first, second, third operand from the result's gradient g. Whole
/// constants are written as int, others as V(0.5).
namespace cuttle::kernels::formulas {

using namespace math;  // NOLINT: by these names formulas find the functions of numbers

/// What a formula says of itself unless it says otherwise.
struct Formula {
  static constexpr int kParameters = 0;
  /// Bit i: the gradient of operand i takes several operations, so it has a kernel of its own.
  static constexpr unsigned kFused = 0;
  /// Too expensive for the loop around it to count: it gets one for all strides.
  static constexpr bool kDear = false;
};
struct Dear : Formula {
  static constexpr bool kDear = true;
};

struct Neg : Formula {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return neg(x);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V) {
    return -g;
  }
};

struct Abs : Formula {
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return abs(x);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x) {
    return g * sign(x);
  }
};

struct Square : Formula {
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return square(x);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x) {
    return g * (x * 2);
  }
};

struct Relu : Formula {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return relu(x);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V y) {
    return masked(g, y);  // y is 0 where x was cut off, and NaN where x was
  }
};

/// Steps: their derivative is 0 where there is one, and everywhere by PyTorch's convention.
#define CUTTLE_STEP(Name, function)          \
  struct Name : Formula {                    \
    template <class V>                       \
    CUTTLE_HOST_DEVICE static V value(V x) { \
      return function(x);                    \
    }                                        \
    template <class V>                       \
    CUTTLE_HOST_DEVICE static V da(V g, V) { \
      return zero_like(g);                   \
    }                                        \
  };
CUTTLE_STEP(Sign, sign)
CUTTLE_STEP(Floor, floor)
CUTTLE_STEP(Ceil, ceil)
CUTTLE_STEP(Round, round)
CUTTLE_STEP(Trunc, trunc)
#undef CUTTLE_STEP

struct Frac : Formula {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return x - trunc(x);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V) {
    return g;
  }
};

struct NanToNum : Formula {
  static constexpr int kParameters = 3;
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x, V nan, V above, V below) {
    return isnan(x) ? nan : isinf(x) ? (x > V(0) ? above : below) : x;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x, V, V, V) {
    return select(isfinite(x), g, V(0));
  }
};

struct Add : Formula {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return add(a, b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V, V) {
    return g;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V, V) {
    return g;
  }
};

struct AddScaled : Formula {
  static constexpr int kParameters = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b, V alpha) {
    return add(a, mul(alpha, b));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V, V, V) {
    return g;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V, V, V alpha) {
    return g * alpha;
  }
};

struct Sub : Formula {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return sub(a, b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V, V) {
    return g;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V, V) {
    return -g;
  }
};

struct Mul : Formula {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return mul(a, b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V, V b) {
    return g * b;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V a, V) {
    return g * a;
  }
};

struct Div : Formula {
  static constexpr unsigned kFused = 2;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return div(a, b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V, V b) {
    return g / b;
  }
  /// The divisor's square, by which the usual formula divides, would overflow and underflow.
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V a, V b) {
    return -(g * (a / b / b));
  }
};

/// Quotients rounded to whole numbers.
#define CUTTLE_ROUNDED_QUOTIENT(Name, function)   \
  struct Name : Dear {                            \
    template <class V>                            \
    CUTTLE_HOST_DEVICE static V value(V a, V b) { \
      return function(a, b);                      \
    }                                             \
    template <class V>                            \
    CUTTLE_HOST_DEVICE static V da(V g, V, V) {   \
      return zero_like(g);                        \
    }                                             \
    template <class V>                            \
    CUTTLE_HOST_DEVICE static V db(V g, V, V) {   \
      return zero_like(g);                        \
    }                                             \
  };
CUTTLE_ROUNDED_QUOTIENT(DivTrunc, div_trunc)
CUTTLE_ROUNDED_QUOTIENT(FloorDivide, floor_divide)
#undef CUTTLE_ROUNDED_QUOTIENT

/// What division leaves, a − b · (the rounded quotient).
#define CUTTLE_REST(Name, function, quotient)       \
  struct Name : Dear {                              \
    static constexpr unsigned kFused = 2;           \
    template <class V>                              \
    CUTTLE_HOST_DEVICE static V value(V a, V b) {   \
      return function(a, b);                        \
    }                                               \
    template <class V>                              \
    CUTTLE_HOST_DEVICE static V da(V g, V, V) {     \
      return g;                                     \
    }                                               \
    template <class V>                              \
    CUTTLE_HOST_DEVICE static V db(V g, V a, V b) { \
      return -(g * quotient(a, b));                 \
    }                                               \
  };
CUTTLE_REST(Remainder, remainder, floor_divide)
CUTTLE_REST(Fmod, fmod, div_trunc)
#undef CUTTLE_REST

struct Heaviside : Formula {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return a == V(0) ? b : V(a > V(0));
  }
};

/// The gradient goes to the winner, half of it to each of two equals, and to both where one is NaN
/// and neither has lost.
template <class V>
CUTTLE_HOST_DEVICE V winner(V g, V self, V other, auto loses) {
  return select(loses, V(0), select(self == other, g * V(0.5), g));
}

struct Maximum : Formula {
  static constexpr unsigned kFused = 3;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return maximum(a, b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V a, V b) {
    return winner(g, a, b, a < b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V a, V b) {
    return winner(g, b, a, b < a);
  }
};

struct Minimum : Formula {
  static constexpr unsigned kFused = 3;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return minimum(a, b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V a, V b) {
    return winner(g, a, b, a > b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V a, V b) {
    return winner(g, b, a, b > a);
  }
};

struct Masked : Formula {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V mask) {
    return masked(a, mask);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V, V mask) {
    return masked(g, mask);
  }
};

}  // namespace cuttle::kernels::formulas
