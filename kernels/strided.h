// How kernels walk tensors that need not be contiguous: a loop nest with one stride an operand.
#pragma once

#include <cstdint>

namespace cuttle::kernels {

/// The most dimensions a tensor can have.
inline constexpr int kMaxRank = 8;

/// A loop nest over `rank` dimensions, outermost first, shared by `Operands` pointers.
/// Element (i0, i1, …) of operand p lies at p + Σ i_d · strides[p][d] (strides in elements; 0 where
/// the operand is broadcast). The caller merges dimensions that are contiguous for all operands, so
/// `rank == 1` with unit strides means plain arrays, and rank 0 one element.
template <int Operands>
struct StridedLoop {
  int rank = 0;
  int64_t sizes[kMaxRank] = {};
  int64_t strides[Operands][kMaxRank] = {};

  constexpr int64_t numel() const {
    int64_t n = 1;
    for (int d = 0; d < rank; ++d) n *= sizes[d];
    return n;
  }

  /// True when operand p's elements lie one after the other in loop order.
  constexpr bool is_dense() const {
    if (rank > 1) return false;
    for (int p = 0; p < Operands; ++p)
      if (rank == 1 && sizes[0] > 1 && strides[p][0] != 1) return false;
    return true;
  }
};

}  // namespace cuttle::kernels
