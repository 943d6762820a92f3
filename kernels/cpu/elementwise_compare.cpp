// Comparison of two elements on the CPU. See kernels/elementwise.h; the loops are in
// elementwise_loop.h. Compiled once for each type CUTTLE_ELEMENT (cmake/element_types.cmake).
#include "../elementwise.h"

#include <functional>

#include "elementwise_loop.h"

namespace cuttle::kernels {

template <class T>
void compare(cpu::Stream, CompareOp op, const StridedLoop<3>& loop, const T* a, const T* b,
             bool* out) {
  switch (op) {
    case CompareOp::eq:
      return cpu::apply_binary(loop, a, b, out, std::equal_to<Compute<T>>{});
    case CompareOp::ne:
      return cpu::apply_binary(loop, a, b, out, std::not_equal_to<Compute<T>>{});
    case CompareOp::lt:
      return cpu::apply_binary(loop, a, b, out, std::less<Compute<T>>{});
    case CompareOp::le:
      return cpu::apply_binary(loop, a, b, out, std::less_equal<Compute<T>>{});
    case CompareOp::gt:
      return cpu::apply_binary(loop, a, b, out, std::greater<Compute<T>>{});
    case CompareOp::ge:
      return cpu::apply_binary(loop, a, b, out, std::greater_equal<Compute<T>>{});
  }
}

template void compare(cpu::Stream, CompareOp, const StridedLoop<3>&, const CUTTLE_ELEMENT*,
                      const CUTTLE_ELEMENT*, bool*);

}  // namespace cuttle::kernels
