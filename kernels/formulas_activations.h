// The elementwise table's activations and their derivatives. See elementwise_table.h; how to read a
// formula: formulas_arithmetic.h.
#pragma once

#include "formulas_functions.h"

namespace cuttle::kernels::formulas {

/// x · Φ(x) with the normal distribution's Φ.
struct Gelu : Dear {
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V below(V x) {
    return erfc(x * V(-kRootHalf)) * V(0.5);  // 1 + erf would cancel
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return x * below(x);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x) {
    const V density = exp(x * x * V(-0.5)) * V(kRootHalf / kRootPi);
    return g * (below(x) + x * density);
  }
};

/// The same with Φ(x) ≈ (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.
struct GeluTanh : Dear {
  static constexpr unsigned kFused = 1;
  static constexpr double kScale = 2 * kRootHalf / kRootPi, kCubic = 0.044715;
  template <class V>
  CUTTLE_HOST_DEVICE static V inner(V x) {
    return tanh((x + x * x * x * V(kCubic)) * V(kScale));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return x * V(0.5) * (inner(x) + 1);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x) {
    const V t = inner(x);
    const V slope = (1 - t * t) * ((x * x * V(3 * kCubic) + 1) * V(kScale));
    return g * ((t + 1 + x * slope) * V(0.5));
  }
};

struct Silu : Dear {
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return x / (exp(-x) + 1);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x) {
    const V s = sigmoid(x);
    return g * (s * (x * (1 - s) + 1));
  }
};

struct LeakyRelu : Formula {
  static constexpr int kParameters = 1;
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x, V slope) {
    return x > V(0) ? x : x * slope;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x, V slope) {
    return select(x > 0, g, g * slope);
  }
};

/// scale · x above 0, scale · alpha · (e^(inner x) − 1) below: elu, selu and celu.
struct Elu : Dear {
  static constexpr int kParameters = 3;
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x, V alpha, V scale, V inner) {
    return x <= V(0) ? expm1(x * inner) * (alpha * scale) : x * scale;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x, V alpha, V scale, V inner) {
    const V below = exp(minimum(x, V(0)) * inner) * (alpha * scale * inner);
    return select(x > 0, g * scale, g * below);
  }
};

struct Hardtanh : Formula {
  static constexpr int kParameters = 2;
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x, V low, V high) {
    return minimum(maximum(x, low), high);
  }
  /// Unlike clamp's, nothing passes at the bounds.
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x, V low, V high) {
    return select(both(x > low, x < high), g, V(0));
  }
};

/// x · tanh(log(1 + e^x)); beyond 20 the hyperbolic tangent is 1 to the last digit.
struct Mish : Dear {
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return x * tanh(log1p(exp(x)));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x) {
    const V t = tanh(log1p(exp(minimum(x, V(20)))));
    return g * (t + x * sigmoid(x) * (1 - t * t));
  }
};

struct Hardswish : Formula {
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return x * minimum(maximum(x + V(3), V(0)), V(6)) / V(6);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x) {
    return select(x >= 3, g, select(x <= -3, V(0), g * (x / 3 + V(0.5))));
  }
};

struct Hardsigmoid : Formula {
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return minimum(maximum(x + V(3), V(0)), V(6)) / V(6);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x) {
    return select(both(x > -3, x < 3), g / 6, V(0));
  }
};

struct Softsign : Formula {
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return x / (abs(x) + V(1));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x) {
    const V size = abs(x) + 1;
    return g / (size * size);
  }
};

/// log(sigmoid(x)), without overflow.
struct LogSigmoid : Dear {
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x) {
    return minimum(x, V(0)) - log1p(exp(-abs(x)));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x) {
    return g * sigmoid(-x);
  }
};

/// x above the threshold, else another value; a NaN passes.
struct Threshold : Formula {
  static constexpr int kParameters = 2;
  static constexpr unsigned kFused = 1;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x, V threshold, V otherwise) {
    return x <= threshold ? otherwise : x;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x, V threshold, V) {
    return select(x <= threshold, V(0), g);
  }
};

// Of two operands.
struct Prelu : Formula {
  static constexpr unsigned kFused = 3;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V x, V slope) {
    return x > V(0) ? x : x * slope;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V x, V slope) {
    return select(x > 0, g, g * slope);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V x, V) {
    return select(x > 0, zero_like(g), g * x);
  }
};

/// a · sigmoid(b), the gated linear unit.
struct Glu : Dear {
  static constexpr unsigned kFused = 3;
  template <class V>
  CUTTLE_HOST_DEVICE static V value(V a, V b) {
    return a * sigmoid(b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V da(V g, V, V b) {
    return g * sigmoid(b);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V db(V g, V a, V b) {
    const V s = sigmoid(b);
    return g * (a * (s * (1 - s)));
  }
};

}  // namespace cuttle::kernels::formulas
