// Elements that move by a map of each dimension's indices: flips, rolls, padding and triangles; and
// the sum that takes gradients back.
#pragma once

#include <cstdint>

#include "half.h"
#include "stream.h"
#include "strided.h"

namespace cuttle::kernels {

/// Which index s of a dimension of `size` elements the index i of the result reads.
enum class IndexMap : uint8_t {
  window,  // s = i + offset; outside of [0, size) there is none
  clamp,   // s = i + offset, or the nearest of [0, size)
  wrap,    // s = i + offset, ± size; asks for −size ≤ i + offset < 2 · size
  mirror,  // i + offset reflected at elements 0 and size − 1; asks for −size < i + offset < 2 ·
           // size − 1
  reverse,  // s = size − 1 − i
};

/// One dimension of x (size, stride) and of the result (out_size, out_stride), in elements.
struct RemapDim {
  IndexMap map = IndexMap::window;
  int64_t offset = 0;
  int64_t size = 1, stride = 0;
  int64_t out_size = 1, out_stride = 0;
};

/// out[i0, i1, …] = x[s0, s1, …], dimension by dimension, or a constant where one of them has no
/// source and, with a band, where i[column] − i[row] lies outside of [low, high].
/// `rank` ≥ 1; dimensions outermost first in the memory order of what is written.
struct Remap {
  int rank = 0;
  RemapDim dims[kMaxRank];
  int row = -1, column = -1;  // −1: no band
  int64_t low = 0, high = 0;

  constexpr int64_t numel() const {
    int64_t n = 1;
    for (int d = 0; d < rank; ++d) n *= dims[d].size;
    return n;
  }
  constexpr int64_t out_numel() const {
    int64_t n = 1;
    for (int d = 0; d < rank; ++d) n *= dims[d].out_size;
    return n;
  }
};

/// The whole result; elements without a source become `value`. Elements are moved, not computed
/// with, so T is the unsigned integer of their size: uint8_t, uint16_t, uint32_t, uint64_t.
template <class T>
void remap(cpu::Stream, const Remap& map, const T* x, T value, T* out);
template <class T>
void remap(cuda::Stream, const Remap& map, const T* x, T value, T* out);

/// The adjoint: dx[s] = Σ dy[i] over all i that read s, in rising order of i, added up in float or
/// double; 0 where none does.  T: float, double, Half, BFloat16.
template <class T>
void remap_backward(cpu::Stream, const Remap& map, const T* dy, T* dx);
template <class T>
void remap_backward(cuda::Stream, const Remap& map, const T* dy, T* dx);

}  // namespace cuttle::kernels
