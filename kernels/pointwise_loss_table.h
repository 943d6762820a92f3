// The table of pointwise losses. A row says what a loss is of its operands v and its parameters p:
// `value`, and `derivative` by operand k. Templates over the type V of a value: a number within a
// kernel and, for derivatives, also a Term (core/ops/term.h), with which the same text records
// operations. kGradients: the first operands, which have derivatives.
#pragma once

#include "elementwise_functions.h"
#include "error.h"
#include "pointwise_loss.h"

namespace cuttle::kernels::losses {

using namespace math;  // NOLINT: by these names the rows find the functions of numbers

/// log(1 + eˣ), which neither overflows nor loses digits.
template <Real T>
CUTTLE_HOST_DEVICE inline T softplus(T x) {
  return relu(x) + log1p(exp(-abs(x)));
}
/// The larger; Terms pass the gradient of `x` as if it were the larger one.
template <Real T>
CUTTLE_HOST_DEVICE inline T raised_to(T x, T low) {
  return maximum(x, low);
}
template <class V>
CUTTLE_HOST_DEVICE inline V log_of_probability(V p) {
  const V l = log(p);
  return select(l < V(-100), V(-100), l);  // PyTorch's bound
}

template <int kCount, int kDifferentiable = 2>
struct Loss {
  static constexpr int kOperands = kCount;
  static constexpr int kGradients = kDifferentiable;
};

/// A loss of the difference v0 − v1, of which `slope` is the derivative.
template <class Row>
struct DifferenceLoss : Loss<2> {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(const V* v, const V* p) {
    return Row::of(v[0] - v[1], p);
  }
  template <int k, class V>
  CUTTLE_HOST_DEVICE static V derivative(const V* v, const V* p) {
    return Row::slope(k == 0 ? v[0] - v[1] : v[1] - v[0], p);  // slopes are odd
  }
};

struct L1 : DifferenceLoss<L1> {
  template <class V>
  CUTTLE_HOST_DEVICE static V of(V e, const V*) {
    return abs(e);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V slope(V e, const V*) {
    return sign(e);
  }
};

struct Mse : DifferenceLoss<Mse> {
  template <class V>
  CUTTLE_HOST_DEVICE static V of(V e, const V*) {
    return e * e;
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V slope(V e, const V*) {
    return e * V(2);
  }
};

struct SmoothL1 : DifferenceLoss<SmoothL1> {
  template <class V>
  CUTTLE_HOST_DEVICE static V of(V e, const V* beta) {
    const V size = abs(e);
    return select(size < *beta, V(0.5) * size * size / *beta, size - V(0.5) * *beta);
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V slope(V e, const V* beta) {
    return select(abs(e) < *beta, e / *beta, sign(e));
  }
};

struct Huber : DifferenceLoss<Huber> {
  template <class V>
  CUTTLE_HOST_DEVICE static V of(V e, const V* delta) {
    const V size = abs(e);
    return select(size <= *delta, V(0.5) * size * size, *delta * (size - V(0.5) * *delta));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V slope(V e, const V* delta) {
    return select(abs(e) <= *delta, e, *delta * sign(e));
  }
};

/// −(y log x + (1 − y) log(1 − x)), logarithms not below −100.
struct Bce : Loss<2> {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(const V* v, const V*) {
    const V rest = log1p(-v[0]);
    return (v[1] - V(1)) * select(rest < V(-100), V(-100), rest) - v[1] * log_of_probability(v[0]);
  }
  template <int k, class V>
  CUTTLE_HOST_DEVICE static V derivative(const V* v, const V*) {
    if constexpr (k == 1) return log_of_probability(V(1) - v[0]) - log_of_probability(v[0]);
    const V spread = (V(1) - v[0]) * v[0];
    return (v[0] - v[1]) / select(spread < V(1e-12), V(1e-12), spread);
  }
};

/// softplus(x) − x y
struct BceWithLogits : Loss<2> {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(const V* v, const V*) {
    return relu(v[0]) - v[0] * v[1] + log1p(exp(-abs(v[0])));
  }
  template <int k, class V>
  CUTTLE_HOST_DEVICE static V derivative(const V* v, const V*) {
    if constexpr (k == 1) return -v[0];
    return sigmoid(v[0]) - v[1];
  }
};

/// (1 − y) x + (1 + (w − 1) y) softplus(−x)
struct BceWithLogitsWeighted : Loss<3> {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(const V* v, const V*) {
    return (V(1) - v[1]) * v[0] + (V(1) + (v[2] - V(1)) * v[1]) * softplus(-v[0]);
  }
  template <int k, class V>
  CUTTLE_HOST_DEVICE static V derivative(const V* v, const V*) {
    if constexpr (k == 1) return (v[2] - V(1)) * softplus(-v[0]) - v[0];
    return (V(1) - v[1]) - (V(1) + (v[2] - V(1)) * v[1]) * sigmoid(-v[0]);
  }
};

/// y (log y − x), 0 where y is
struct KlDiv : Loss<2> {
  template <class V>
  CUTTLE_HOST_DEVICE static V log_target(const V& y) {
    return log(select(y == V(0), V(1), y));
  }
  template <class V>
  CUTTLE_HOST_DEVICE static V value(const V* v, const V*) {
    return select(v[1] == V(0), V(0), v[1] * (log_target(v[1]) - v[0]));
  }
  template <int k, class V>
  CUTTLE_HOST_DEVICE static V derivative(const V* v, const V*) {
    if constexpr (k == 0) return -v[1];
    return select(v[1] == V(0), V(0), log_target(v[1]) + V(1) - v[0]);
  }
};

/// eʸ (y − x)
struct KlDivLogTarget : Loss<2> {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(const V* v, const V*) {
    return exp(v[1]) * (v[1] - v[0]);
  }
  template <int k, class V>
  CUTTLE_HOST_DEVICE static V derivative(const V* v, const V*) {
    if constexpr (k == 0) return -exp(v[1]);
    return exp(v[1]) * (v[1] - v[0] + V(1));
  }
};

/// x − y log(x + eps), or eˣ − y x of the logarithm x; kFull adds what log y! is for y > 1,
/// y log y − y + ½ log(2π y).
template <bool kLog, bool kFull>
struct PoissonNll : Loss<2> {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(const V* v, const V* eps) {
    const V nll = kLog ? exp(v[0]) - v[1] * v[0] : v[0] - v[1] * log(v[0] + *eps);
    if constexpr (!kFull) return nll;
    const V y = select(v[1] > V(1), v[1], V(1));
    const V stirling = y * log(y) - y + V(0.5) * log(V(6.283185307179586) * y);
    return nll + select(v[1] > V(1), stirling, V(0));
  }
  template <int k, class V>
  CUTTLE_HOST_DEVICE static V derivative(const V* v, const V* eps) {
    if constexpr (k == 0) return kLog ? exp(v[0]) - v[1] : V(1) - v[1] / (v[0] + *eps);
    const V slope = kLog ? -v[0] : -log(v[0] + *eps);
    if constexpr (!kFull) return slope;
    const V y = select(v[1] > V(1), v[1], V(1));
    return slope + select(v[1] > V(1), log(y) + V(0.5) / y, V(0));
  }
};

/// ½ (log s + (x − y)² / s) + p1 with s = max(variance, p0)
struct GaussianNll : Loss<3, 3> {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(const V* v, const V* p) {
    const V s = raised_to(v[2], p[0]), e = v[0] - v[1];
    return V(0.5) * (log(s) + e * e / s) + p[1];
  }
  template <int k, class V>
  CUTTLE_HOST_DEVICE static V derivative(const V* v, const V* p) {
    const V s = raised_to(v[2], p[0]), e = v[0] - v[1];
    if constexpr (k == 2) return V(0.5) * (V(1) - e * e / s) / s;
    return (k == 0 ? e : v[1] - v[0]) / s;
  }
};

/// log(1 + exp(−y x))
struct SoftMargin : Loss<2> {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(const V* v, const V*) {
    return softplus(-(v[0] * v[1]));
  }
  template <int k, class V>
  CUTTLE_HOST_DEVICE static V derivative(const V* v, const V*) {
    return -(v[1 - k] * sigmoid(-(v[0] * v[1])));
  }
};

/// x where y is not −1, and max(0, margin − x) where it is not 1
struct HingeEmbedding : Loss<2, 1> {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(const V* v, const V* margin) {
    return select(v[1] == V(-1), V(0), v[0]) + select(v[1] == V(1), V(0), relu(*margin - v[0]));
  }
  template <int k, class V>
  CUTTLE_HOST_DEVICE static V derivative(const V* v, const V* margin) {
    return select(v[1] == V(-1), V(0), V(1) + zero_like(v[0])) -
           select(either(v[1] == V(1), v[0] > *margin), V(0), V(1) + zero_like(v[0]));
  }
};

/// max(0, margin − y (x0 − x1)); the bound passes the gradient
struct MarginRanking : Loss<3, 2> {
  template <class V>
  CUTTLE_HOST_DEVICE static V value(const V* v, const V* margin) {
    return relu(*margin - v[2] * (v[0] - v[1]));
  }
  template <int k, class V>
  CUTTLE_HOST_DEVICE static V derivative(const V* v, const V* margin) {
    return select(*margin - v[2] * (v[0] - v[1]) < V(0), V(0), k == 0 ? -v[2] : v[2]);
  }
};

/// Calls f(row).
template <class F>
void visit(PointwiseLoss op, F f) {
  switch (op) {
    case PointwiseLoss::l1:
      return f(L1{});
    case PointwiseLoss::mse:
      return f(Mse{});
    case PointwiseLoss::smooth_l1:
      return f(SmoothL1{});
    case PointwiseLoss::huber:
      return f(Huber{});
    case PointwiseLoss::bce:
      return f(Bce{});
    case PointwiseLoss::bce_with_logits:
      return f(BceWithLogits{});
    case PointwiseLoss::bce_with_logits_weighted:
      return f(BceWithLogitsWeighted{});
    case PointwiseLoss::kl_div:
      return f(KlDiv{});
    case PointwiseLoss::kl_div_log_target:
      return f(KlDivLogTarget{});
    case PointwiseLoss::poisson_nll:
      return f(PoissonNll<false, false>{});
    case PointwiseLoss::poisson_nll_full:
      return f(PoissonNll<false, true>{});
    case PointwiseLoss::poisson_nll_log:
      return f(PoissonNll<true, false>{});
    case PointwiseLoss::poisson_nll_log_full:
      return f(PoissonNll<true, true>{});
    case PointwiseLoss::gaussian_nll:
      return f(GaussianNll{});
    case PointwiseLoss::soft_margin:
      return f(SoftMargin{});
    case PointwiseLoss::hinge_embedding:
      return f(HingeEmbedding{});
    case PointwiseLoss::margin_ranking:
      return f(MarginRanking{});
  }
  fail("there is no such pointwise loss");
}

/// Calls f.operator()<k>(row) with the row and one of its operands that have derivatives.
template <class F>
void visit_derivative(PointwiseLoss op, int operand, F f) {
  visit(op, [&]<class Row>(const Row& row) {
    if (operand == 0) return f.template operator()<0>(row);
    if constexpr (Row::kGradients > 1)
      if (operand == 1) return f.template operator()<1>(row);
    if constexpr (Row::kGradients > 2)
      if (operand == 2) return f.template operator()<2>(row);
    fail("an operand of a pointwise loss has no derivative");
  });
}

}  // namespace cuttle::kernels::losses
