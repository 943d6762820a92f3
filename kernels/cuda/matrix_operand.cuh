// A plain matrix as an operand of gemm_tile.cuh.
#pragma once

#include "gemm_tile.cuh"

namespace cuttle::kernels::cuda {

/// Element (r, k) lies at data + r · line + k where the operand runs along depth, else at
/// data + k · line + r; matrix or group `b` of a batch at data + b · batch_stride. What row() and
/// depth() give is an offset, −1 outside.
template <class T, int Pack_, bool AlongDepth>
struct MatrixOperand {
  static constexpr int kPack = Pack_;
  static constexpr bool kAlongDepth = AlongDepth;

  __device__ MatrixOperand select(int batch) const {
    MatrixOperand other = *this;
    other.data += batch * batch_stride;
    return other;
  }
  __device__ int64_t row(int r) const {
    return r < rows ? (kAlongDepth ? r * line : int64_t{r}) : -1;
  }
  __device__ int64_t depth(int k) const {
    return k < depths ? (kAlongDepth ? int64_t{k} : k * line) : -1;
  }
  __device__ Pack<T, kPack> load(int64_t row, int64_t depth) const {
    if (row < 0 || depth < 0) return {};
    return load_pack<kPack>(data + row + depth);
  }

  const T* data;
  int rows, depths;
  int64_t line;
  int64_t batch_stride;
};

}  // namespace cuttle::kernels::cuda
