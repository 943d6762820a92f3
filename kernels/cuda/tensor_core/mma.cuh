// Matrix products of one warp on tensor cores: rounding to their number types, and mma.sync in the
// shapes that kernels use. All 32 lanes call a product together. With nvcc each function is one
// instruction (compute capability 8.0 and later); the interpreter has twins
// (simt/language/matrix.h).
//
// g = lane / 4, t = lane % 4. D, 16 × 8: {D(g, 2t), D(g, 2t + 1), D(g + 8, 2t), D(g + 8, 2t + 1)}.
// Products are exact and sums float32, in an order that the hardware keeps to itself.
#pragma once

#include <cstdint>

#include "ptx.cuh"

namespace cuttle::kernels::cuda {

/// To TF32, 10 bits of mantissa, to nearest and ties away from zero. What is not rounded so is
/// truncated by the tensor core.
__device__ __forceinline__ float round_to_tf32(float value) {
#if defined(__CUDACC__)
  uint32_t bits = 0;
  CUTTLE_PTX_80("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value));
  return __uint_as_float(bits);
#else
  return simt::round_to_tf32(value);
#endif
}

/// Two numbers as bf16, to nearest and ties to even: `low` in the lower half.
__device__ __forceinline__ uint32_t pack_bf16(float low, float high) {
#if defined(__CUDACC__)
  uint32_t pair = 0;
  CUTTLE_PTX_80("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
#else
  return simt::bf16_bits(low) | simt::bf16_bits(high) << 16;
#endif
}

/// d += A · B, m16n8k8 of TF32. a: {A(g, t), A(g + 8, t), A(g, t + 4), A(g + 8, t + 4)}; b: {B(t,
/// g), B(t + 4, g)}.
__device__ __forceinline__ void mma_m16n8k8(float (&d)[4], const float (&a)[4],
                                            const float (&b)[2] CUTTLE_SITE) {
#if defined(__CUDACC__)
  CUTTLE_PTX_80(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
      "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])),
        "r"(__float_as_uint(a[3])), "r"(__float_as_uint(b[0])), "r"(__float_as_uint(b[1])));
#else
  simt::mma(simt::WarpOp::mma_tf32, simt::mma_tf32_together, d, a, b, 0, site);
#endif
}

/// d += A · B, m16n8k16 of bf16, two a register (pack_bf16): a: {A(g, 2t), A(g + 8, 2t), A(g, 2t +
/// 8), A(g + 8, 2t + 8)} and the next column; b: {B(2t, g), B(2t + 8, g)} and the next row.
__device__ __forceinline__ void mma_m16n8k16(float (&d)[4], const uint32_t (&a)[4],
                                             const uint32_t (&b)[2] CUTTLE_SITE) {
#if defined(__CUDACC__)
  CUTTLE_PTX_80(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  simt::mma(simt::WarpOp::mma_bf16, simt::mma_bf16_together, d, a, b, 0, site);
#endif
}

/// The metadata of one pair of neighbouring columns in a row of a sparse A: which one is given.
inline constexpr uint32_t kFirstOfPair = 0b0100, kSecondOfPair = 0b1110;

/// d += A · B, m16n8k16 of TF32 with A sparse: of columns 2p and 2p + 1 of a row one is given, as
/// element p of the row of a 16 × 8 matrix that `a` holds as for m16n8k8. b: {B(t, g), B(t + 4, g),
/// B(t + 8, g), B(t + 12, g)}. metadata, four bits a pair: lane t = 0 gives pairs 0 to 3 and lane t
/// = 1 pairs 4 to 7, of row g from bit 0 and of row g + 8 from bit 16 on; lanes t = 2, 3 are not
/// asked.
__device__ __forceinline__ void mma_sparse_m16n8k16(float (&d)[4], const float (&a)[4],
                                                    const float (&b)[4],
                                                    uint32_t metadata CUTTLE_SITE) {
#if defined(__CUDACC__)
  CUTTLE_PTX_80(
      "mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f32.tf32.tf32.f32 "
      "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9,%10,%11}, {%0,%1,%2,%3}, %12, 0x0;"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])),
        "r"(__float_as_uint(a[3])), "r"(__float_as_uint(b[0])), "r"(__float_as_uint(b[1])),
        "r"(__float_as_uint(b[2])), "r"(__float_as_uint(b[3])), "r"(metadata));
#else
  simt::mma(simt::WarpOp::mma_sparse_tf32, simt::mma_sparse_tf32_together, d, a, b, metadata, site);
#endif
}

}  // namespace cuttle::kernels::cuda
