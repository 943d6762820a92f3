// Functions of one element on the CPU. See kernels/elementwise.h; the loops are in
// elementwise_loop.h. Compiled once for each type CUTTLE_ELEMENT (cmake/element_types.cmake).
// Integer arithmetic wraps around, as on the GPU.
#include "../elementwise.h"

#include <cmath>
#include <functional>

#include "elementwise_loop.h"

namespace cuttle::kernels {

template <class T>
void unary(cpu::Stream, UnaryOp op, const StridedLoop<2>& loop, const T* x, T* out) {
  using C = Compute<T>;
  switch (op) {
    case UnaryOp::neg:
      if constexpr (is_floating<T>)
        return cpu::apply_unary(loop, x, out, [](C v) { return -v; });
      else
        return cpu::apply_unary(loop, x, out,
                                [](C v) { return cpu::wrapping(C(0), v, std::minus<>{}); });
    case UnaryOp::abs:
      if constexpr (is_floating<T>)
        return cpu::apply_unary(loop, x, out, [](C v) { return std::fabs(v); });
      else
        return cpu::apply_unary(loop, x, out, [](C v) {
          return v < C(0) ? cpu::wrapping(C(0), v, std::minus<>{}) : v;
        });
    case UnaryOp::relu:  // NaN stays NaN
      return cpu::apply_unary(loop, x, out, [](C v) { return v <= C(0) ? C(0) : v; });
    default:
      break;
  }
  if constexpr (is_floating<T>) {
    switch (op) {
      case UnaryOp::exp:
        return cpu::apply_unary(loop, x, out, [](C v) { return std::exp(v); });
      case UnaryOp::log:
        return cpu::apply_unary(loop, x, out, [](C v) { return std::log(v); });
      case UnaryOp::sqrt:
        return cpu::apply_unary(loop, x, out, [](C v) { return std::sqrt(v); });
      case UnaryOp::sigmoid:
        return cpu::apply_unary(loop, x, out, [](C v) { return C(1) / (C(1) + std::exp(-v)); });
      case UnaryOp::tanh:
        return cpu::apply_unary(loop, x, out, [](C v) { return std::tanh(v); });
      default:
        break;
    }
  }
  fail("unary: integer tensors have neg, abs and relu alone; convert to float first");
}

template void unary(cpu::Stream, UnaryOp, const StridedLoop<2>&, const CUTTLE_ELEMENT*,
                    CUTTLE_ELEMENT*);

}  // namespace cuttle::kernels
