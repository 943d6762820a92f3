// Comparison of two elements. See kernels/elementwise.h; the kernels are in elementwise_loop.cuh.
// Compiled once for each type CUTTLE_ELEMENT (cmake/element_types.cmake).
#include "../elementwise.h"
#include "elementwise_loop.cuh"

namespace cuttle::kernels {

namespace {

template <class T>
struct Compare {
  template <class Body>
  __device__ void apply(Body body) const {
    switch (op) {
      case CompareOp::eq:
        return body([](T a, T b) { return a == b; });
      case CompareOp::ne:
        return body([](T a, T b) { return a != b; });
      case CompareOp::lt:
        return body([](T a, T b) { return a < b; });
      case CompareOp::le:
        return body([](T a, T b) { return a <= b; });
      case CompareOp::gt:
        return body([](T a, T b) { return a > b; });
      case CompareOp::ge:
        return body([](T a, T b) { return a >= b; });
    }
  }
  CompareOp op;
};

}  // namespace

template <class T>
void compare(cuda::Stream stream, CompareOp op, const StridedLoop<3>& loop, const T* a, const T* b,
             bool* out) {
  cuda::run_elementwise(stream, loop, Compare<Compute<T>>{op}, cuda::Inputs<T, 2>{{a, b}}, out);
}

template void compare(cuda::Stream, CompareOp, const StridedLoop<3>&, const CUTTLE_ELEMENT*,
                      const CUTTLE_ELEMENT*, bool*);

}  // namespace cuttle::kernels
