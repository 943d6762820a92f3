// The kernels of the elementwise table's rows, as the units that hold them hand them out. For
// kernels/cuda's elementwise*.cu.
#pragma once

#include "elementwise_loop.cuh"

namespace cuttle::kernels::cuda {

/// What find_part calls: the kernels of a part that has N inputs.
template <class T, int N>
struct FindKernels {
  template <class Part>
  ElementwiseKernels<T, N> operator()() const {
    if constexpr (Part::kInputs == N)
      return elementwise_kernels<Part, T, N>();
    else
      return {};
  }
};

/// The kernels of (op, part) for elements of type T; none where a group has none.
template <class T, int N>
ElementwiseKernels<T, N> arithmetic_kernels(Elementwise op, int part);
template <class T, int N>
ElementwiseKernels<T, N> logic_kernels(Elementwise op, int part);
/// T: the floating types.
template <class T, int N>
ElementwiseKernels<T, N> function_kernels(Elementwise op, int part);

}  // namespace cuttle::kernels::cuda
