// The table of reductions: what each ReduceOp computes for elements of type T. kernels/cpu and
// kernels/cuda make their loops from its rows, so that a kernel carries the one operation it runs.
#pragma once

#include "error.h"
#include "reduce_ops.h"
#include "reduce_terms.h"

namespace cuttle::kernels {

/// How a backend accumulates elements of type T: in Type, and sums compensated or not.
template <class A, bool compensated>
struct Accumulate {
  using Type = A;
  static constexpr bool kCompensated = compensated;
};

/// Calls f(operation) for a norm other than the 0-norm.
template <class T, class How, class F>
void visit_norm(double p, F f) {
  using A = typename How::Type;
  if (p == std::numeric_limits<double>::infinity()) return f(Extreme<T, Side::largest, true>{});
  if (p == -std::numeric_limits<double>::infinity()) return f(Extreme<T, Side::smallest, true>{});
  if (p == 1) return f(Sum<T, Magnitude<T, A>, How::kCompensated>{});
  if (p == 2) return f(Sum<T, Square<T, A>, How::kCompensated>{});
  f(Sum<T, Power<T, A>, How::kCompensated>{{{}, static_cast<A>(p)}});
}

/// Calls f(operation) with the row of the table.
template <class T, class How, class F>
void visit_reduction(ReduceOp op, double parameter, F f) {
  using A = typename How::Type;
  constexpr bool kCompensated = How::kCompensated;
  switch (op) {
    case ReduceOp::sum:
      return f(Sum<T, Itself<T, A>, kCompensated>{});
    case ReduceOp::prod:
      return f(Product<T, A>{});
    case ReduceOp::amax:
      return f(Extreme<T, Side::largest>{});
    case ReduceOp::amin:
      return f(Extreme<T, Side::smallest>{});
    case ReduceOp::argmax:
      return f(Found<T, Side::largest>{});
    case ReduceOp::argmin:
      return f(Found<T, Side::smallest>{});
    case ReduceOp::any:
      return f(Sum<T, AnyNonzero<T>, false>{});
    case ReduceOp::all:
      return f(Sum<T, NoneZero<T>, false>{});
    case ReduceOp::count_nonzero:
      return f(Sum<T, Nonzero<T>, false>{});
    default:
      break;
  }
  if constexpr (is_floating<T>) {
    switch (op) {
      case ReduceOp::nansum:
        return f(Sum<T, NotNaN<T, A>, kCompensated>{});
      case ReduceOp::mean:
        return f(Sum<T, Share<T, A>, kCompensated>{{{}, static_cast<A>(parameter)}});
      case ReduceOp::var:
      case ReduceOp::std:
        return f(Variance<T, A>{static_cast<A>(parameter), op == ReduceOp::std});
      case ReduceOp::norm:
        return visit_norm<T, How>(parameter, f);
      case ReduceOp::logsumexp:
        return f(LogSumExp<T, A>{});
      default:
        break;
    }
  }
  fail("reduce: there is no reduction ", static_cast<int>(op), " of elements of this type");
}

}  // namespace cuttle::kernels
