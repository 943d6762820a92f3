// Functions of one element. See kernels/elementwise.h; the kernels are in elementwise_loop.cuh.
// Compiled once for each type CUTTLE_ELEMENT (cmake/element_types.cmake).
#include <cmath>

#include "../elementwise.h"
#include "elementwise_loop.cuh"

namespace cuttle::kernels {

namespace {

template <class T>
__device__ T negated(T x) {
  return static_cast<T>(-static_cast<cuda::Wrapping<T>>(x));
}

template <class T>
struct Unary {
  template <class Body>
  __device__ void apply(Body body) const {
    if (op == UnaryOp::neg) return body([](T x) { return negated(x); });
    if (op == UnaryOp::relu)  // in this form a NaN stays one, as in PyTorch
      return body([](T x) { return x <= T(0) ? T(0) : x; });
    if constexpr (std::is_unsigned_v<T>) {
      return body([](T x) { return x; });  // abs
    } else if constexpr (is_floating<T>) {
      if (op == UnaryOp::abs) return body([](T x) { return std::fabs(x); });
      if (op == UnaryOp::exp) return body([](T x) { return std::exp(x); });
      if (op == UnaryOp::log) return body([](T x) { return std::log(x); });
      if (op == UnaryOp::sqrt) return body([](T x) { return std::sqrt(x); });
      if (op == UnaryOp::sigmoid) return body([](T x) { return T(1) / (T(1) + std::exp(-x)); });
      if (op == UnaryOp::tanh) return body([](T x) { return std::tanh(x); });
    } else {
      return body([](T x) { return x <= T(0) ? negated(x) : x; });  // abs
    }
  }
  UnaryOp op;
};

}  // namespace

template <class T>
void unary(cuda::Stream stream, UnaryOp op, const StridedLoop<2>& loop, const T* x, T* out) {
  if (!is_floating<T> && op != UnaryOp::neg && op != UnaryOp::abs && op != UnaryOp::relu)
    fail("unary: integer tensors have neg, abs and relu alone; convert to float first");
  cuda::run_elementwise(stream, loop, Unary<Compute<T>>{op}, cuda::Inputs<T, 1>{{x}}, out);
}

template void unary(cuda::Stream, UnaryOp, const StridedLoop<2>&, const CUTTLE_ELEMENT*,
                    CUTTLE_ELEMENT*);

}  // namespace cuttle::kernels
