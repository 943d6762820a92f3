// The tensor cores' warp-wide matrix products, for CPUs: where each element of an operand lies
// among the 32 lanes, and what the hardware makes of its bits. Layouts are those of the PTX ISA,
// "Warp level matrix instructions"; g = lane / 4 and t = lane % 4 are its groupID and
// threadID_in_group.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "interpreter.h"

namespace cuttle::simt {

// ---- numbers ----

/// cvt.rna.tf32: 10 bits of mantissa, to nearest, ties away from zero.
inline float round_to_tf32(float value) {
  if (std::isnan(value)) return std::bit_cast<float>(0x7fffffffu);
  if (std::isinf(value)) return value;
  return std::bit_cast<float>((std::bit_cast<uint32_t>(value) + 0x1000u) & 0xffffe000u);
}

/// What a tensor core takes a register for: it does not look at the lower 13 bits.
inline float as_tf32(float value) {
  return std::bit_cast<float>(std::bit_cast<uint32_t>(value) & 0xffffe000u);
}

inline float low_bf16(uint32_t pair) {
  return std::bit_cast<float>(pair << 16);
}
inline float high_bf16(uint32_t pair) {
  return std::bit_cast<float>(pair & 0xffff0000u);
}

/// The upper half of a float32's bits, to nearest, ties to even (cvt.rn.bf16x2 does two).
inline uint32_t bf16_bits(float value) {
  if (std::isnan(value)) return 0x7fffu;
  const auto bits = std::bit_cast<uint32_t>(value);
  return (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
}

// ---- products ----

/// d += a · b with exact products and float32 sums, for a tile of 16 rows and 8 columns. The sums'
/// order is this function's; the hardware's is not documented.
template <int K>
void multiply_add_tile(float (&d)[16][8], const float (&a)[16][K], const float (&b)[K][8]) {
  for (int row = 0; row < 16; ++row) {
    for (int k = 0; k < K; ++k) {
      for (int column = 0; column < 8; ++column) d[row][column] += a[row][k] * b[k][column];
    }
  }
}

/// The registers of one lane.
template <class T>
struct MmaOperands {
  float* d;  // rows g, g, g + 8, g + 8; columns 2t, 2t + 1, 2t, 2t + 1
  const T* a;
  const T* b;
  uint32_t metadata;
};

template <class T>
const MmaOperands<T>& operands_of(const uint64_t* lanes, int lane) {
  return *reinterpret_cast<const MmaOperands<T>*>(lanes[lane]);
}

template <class T, int K>
void multiply_add_lanes(const uint64_t* lanes, const float (&a)[16][K], const float (&b)[K][8]) {
  float d[16][8];
  for (int lane = 0; lane < 32; ++lane) {
    const float* from = operands_of<T>(lanes, lane).d;
    for (int i = 0; i < 4; ++i) d[lane / 4 + i / 2 * 8][lane % 4 * 2 + i % 2] = from[i];
  }
  multiply_add_tile(d, a, b);
  for (int lane = 0; lane < 32; ++lane) {
    float* to = operands_of<T>(lanes, lane).d;
    for (int i = 0; i < 4; ++i) to[i] = d[lane / 4 + i / 2 * 8][lane % 4 * 2 + i % 2];
  }
}

/// m16n8k8 of tf32. A: rows g, g + 8, g, g + 8; columns t, t, t + 4, t + 4. B: rows t, t + 4;
/// column g.
inline void mma_tf32_together(const uint64_t* lanes) {
  float a[16][8], b[8][8];
  for (int lane = 0; lane < 32; ++lane) {
    const auto& own = operands_of<float>(lanes, lane);
    const int g = lane / 4, t = lane % 4;
    for (int i = 0; i < 4; ++i) a[g + i % 2 * 8][t + i / 2 * 4] = as_tf32(own.a[i]);
    for (int i = 0; i < 2; ++i) b[t + i * 4][g] = as_tf32(own.b[i]);
  }
  multiply_add_lanes<float>(lanes, a, b);
}

/// m16n8k16 of bf16, two a register, the lower column or row in the lower half. A: rows g, g + 8,
/// g, g + 8; columns from 2t, 2t, 2t + 8, 2t + 8. B: rows from 2t, 2t + 8; column g.
inline void mma_bf16_together(const uint64_t* lanes) {
  float a[16][16], b[16][8];
  for (int lane = 0; lane < 32; ++lane) {
    const auto& own = operands_of<uint32_t>(lanes, lane);
    const int g = lane / 4, t = lane % 4;
    for (int i = 0; i < 4; ++i) {
      a[g + i % 2 * 8][2 * t + i / 2 * 8] = low_bf16(own.a[i]);
      a[g + i % 2 * 8][2 * t + i / 2 * 8 + 1] = high_bf16(own.a[i]);
    }
    for (int i = 0; i < 2; ++i) {
      b[2 * t + i * 8][g] = low_bf16(own.b[i]);
      b[2 * t + i * 8 + 1][g] = high_bf16(own.b[i]);
    }
  }
  multiply_add_lanes<uint32_t>(lanes, a, b);
}

/// Ends the program: metadata other than 0b0100 and 0b1110, which the instruction does not define.
[[noreturn]] void report_sparse_metadata(int lane, uint32_t metadata);

/// mma.sp m16n8k16 of tf32: of each two neighbouring columns of A (16 × 16) one is given and the
/// other is 0. The given ones make a matrix of 16 × 8, laid out as A of m16n8k8. B: rows t, t + 4,
/// t
/// + 8, t + 12; column g. Four bits a pair say which one is given: 0b0100 the first, 0b1110 the
/// second. Lane t = 0 of each four holds pairs 0 to 3, lane t = 1 pairs 4 to 7: of row g in its
/// lower 16 bits, of row g + 8 in its upper ones. (Sparsity selector 0.)
inline void mma_sparse_tf32_together(const uint64_t* lanes) {
  float a[16][16] = {}, b[16][8];
  for (int lane = 0; lane < 32; ++lane) {
    const auto& own = operands_of<float>(lanes, lane);
    const int g = lane / 4, t = lane % 4;
    for (int i = 0; i < 4; ++i) {
      const int lower_or_upper = i % 2, pair = t + i / 2 * 4, holder = 4 * g + pair / 4;
      const uint32_t metadata = operands_of<float>(lanes, holder).metadata;
      const uint32_t bits = metadata >> (16 * lower_or_upper + 4 * (pair % 4)) & 15u;
      if (bits != 4u && bits != 14u) report_sparse_metadata(holder, metadata);
      a[g + 8 * lower_or_upper][2 * pair + (bits == 14u ? 1 : 0)] = as_tf32(own.a[i]);
    }
    for (int i = 0; i < 4; ++i) b[t + i * 4][g] = as_tf32(own.b[i]);
  }
  multiply_add_lanes<float>(lanes, a, b);
}

/// The calling lane's part in a product of its warp.
template <class T>
void mma(WarpOp op, void (*together)(const uint64_t*), float* d, const T* a, const T* b,
         uint32_t metadata, Site site) {
  const MmaOperands<T> operands{d, a, b, metadata};
  WarpRequest request;
  request.op = op;
  request.mask = ~0u;
  request.value = reinterpret_cast<uint64_t>(&operands);
  request.together = together;
  warp_collective(request, site);
}

}  // namespace cuttle::simt
