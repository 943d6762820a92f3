// Products of a warpgroup, wgmma on a GPU: 64 rows, of which each of the four warps has 16, with
// operands in shared memory that descriptors describe. They run beside the warps; here they are
// computed at the wait, so that a kernel that reads its sums sooner, or changes an operand too
// soon, gets wrong numbers as it may on a GPU.
#pragma once

#include <algorithm>

#include "matrix.h"

namespace cuttle::simt {

/// One lane's part. A is in the lane's registers, laid out as for mma.sync, or described.
struct WarpgroupProduct {
  float* d;  // N / 2 sums: of columns 8j to 8j + 7 as mma.sync has them, from 4j on
  int n;
  bool bf16, a_in_registers;
  uint32_t a[4];
  uint64_t a_descriptor, b_descriptor;
  int row;    // of A, the warp's first: 0, 16, 32 or 48
  Site site;  // where it was issued
};

void queue_product(const WarpgroupProduct& product);
void commit_products();
bool take_product(unsigned groups_left, WarpgroupProduct& product);
[[noreturn]] void report_product(const char* sentence, Site site);

/// The 32-bit address of shared memory, and what lies there.
uint32_t shared_offset(const void* address);
const void* at_shared_offset(uint32_t offset, size_t bytes);

/// A matrix in shared memory whose rows run along the depth. The unit is 8 rows of 16 bytes:
/// without swizzle 128 contiguous bytes, `leading` bytes to the next 16 bytes of a row; with the
/// 128-byte swizzle rows of 128 bytes one after the other, and in each address bits 4 to 6 are
/// changed by bits 7 to 9. `stride`: bytes to the next 8 rows. (PTX ISA, "Asynchronous warpgroup
/// level matrix shared memory layout" and "Matrix descriptor format".)
struct DescribedMatrix {
  explicit DescribedMatrix(uint64_t descriptor, Site site)
      : start(field(descriptor, 0)),
        leading(field(descriptor, 16)),
        stride(field(descriptor, 32)),
        swizzled(descriptor >> 62 == 1) {
    if (descriptor >> 62 > 1)
      report_product("only the 128-byte swizzle, or none, is known here", site);
    if (descriptor >> 49 & 7) report_product("a base offset is not known here", site);
  }

  /// Four bytes: `byte` counts along the row and is a multiple of 4.
  uint32_t word(int row, int byte) const {
    const uint32_t r = static_cast<uint32_t>(row), b = static_cast<uint32_t>(byte);
    uint32_t at = start + r / 8 * stride;
    if (swizzled) {
      at += r % 8 * 128 + b;
      at ^= (at >> 7 & 7) << 4;
    } else {
      at += r % 8 * 16 + b / 16 * leading + b % 16;
    }
    uint32_t bits;
    std::memcpy(&bits, at_shared_offset(at, 4), 4);
    return bits;
  }

  uint32_t start, leading, stride;
  bool swizzled;

 private:
  static uint32_t field(uint64_t descriptor, int bit) {
    return static_cast<uint32_t>(descriptor >> bit & 0x3fff) << 4;
  }
};

/// Eight depths of tf32, or sixteen of bf16, from eight words of a row.
template <int K, class Word>
void unpack_row(float* to, Word word) {
  for (int i = 0; i < 8; ++i) {
    const uint32_t bits = word(i);
    if constexpr (K == 8) {
      to[i] = as_tf32(std::bit_cast<float>(bits));
    } else {
      to[2 * i] = low_bf16(bits);
      to[2 * i + 1] = high_bf16(bits);
    }
  }
}

template <int K>
void multiply_warpgroup_rows(const uint64_t* lanes) {
  const auto of_lane = [&](int lane) -> const WarpgroupProduct& {
    return *reinterpret_cast<const WarpgroupProduct*>(lanes[lane]);
  };
  const WarpgroupProduct& first = of_lane(0);
  float a[16][K], b[K][8], d[16][8];
  for (int row = 0; row < 16; ++row) {
    if (first.a_in_registers) {
      unpack_row<K>(a[row],
                    [&](int i) { return of_lane(row % 8 * 4 + i % 4).a[row / 8 + i / 4 * 2]; });
    } else {
      const DescribedMatrix matrix(first.a_descriptor, first.site);
      unpack_row<K>(a[row], [&](int i) { return matrix.word(first.row + row, 4 * i); });
    }
  }
  const DescribedMatrix matrix(first.b_descriptor, first.site);
  for (int column = 0; column < first.n; column += 8) {
    for (int j = 0; j < 8; ++j) {
      float depths[K];
      unpack_row<K>(depths, [&](int i) { return matrix.word(column + j, 4 * i); });
      for (int k = 0; k < K; ++k) b[k][j] = depths[k];
    }
    const auto sum = [&](int lane, int i) -> float& { return of_lane(lane).d[column / 2 + i]; };
    const auto at = [&](int lane, int i) -> float& {
      return d[lane / 4 + i / 2 * 8][lane % 4 * 2 + i % 2];
    };
    for (int lane = 0; lane < 32; ++lane) {
      for (int i = 0; i < 4; ++i) at(lane, i) = sum(lane, i);
    }
    multiply_add_tile(d, a, b);
    for (int lane = 0; lane < 32; ++lane) {
      for (int i = 0; i < 4; ++i) sum(lane, i) = at(lane, i);
    }
  }
}

inline void wgmma_together(const uint64_t* lanes) {
  const auto& first = *reinterpret_cast<const WarpgroupProduct*>(lanes[0]);
  for (int lane = 1; lane < 32; ++lane) {
    const auto& other = *reinterpret_cast<const WarpgroupProduct*>(lanes[lane]);
    if (other.n != first.n || other.bf16 != first.bf16 ||
        other.a_in_registers != first.a_in_registers || other.b_descriptor != first.b_descriptor ||
        (!first.a_in_registers && other.a_descriptor != first.a_descriptor)) {
      report_product("the lanes of a warp bring different descriptors or shapes", first.site);
    }
  }
  if (first.bf16) {
    multiply_warpgroup_rows<16>(lanes);
  } else {
    multiply_warpgroup_rows<8>(lanes);
  }
}

/// The calling lane's part in a product of its warpgroup. `a`: its registers, or nullptr.
inline void wgmma(float* d, int n, bool bf16, const uint32_t* a, uint64_t a_descriptor,
                  uint64_t b_descriptor, Site site) {
  WarpgroupProduct product = {};
  product.d = d;
  product.n = n;
  product.bf16 = bf16;
  product.a_in_registers = a != nullptr;
  if (a) std::copy(a, a + 4, product.a);
  product.a_descriptor = a_descriptor;
  product.b_descriptor = b_descriptor;
  product.row = static_cast<int>(thread_rank() / kWarpSize % 4 * 16);
  product.site = site;
  queue_product(product);
}

inline void wait_for_products(unsigned groups_left) {
  WarpgroupProduct product = {};
  while (take_product(groups_left, product)) {
    WarpRequest request;
    request.op = WarpOp::wgmma;
    request.mask = ~0u;
    request.value = reinterpret_cast<uint64_t>(&product);
    request.together = wgmma_together;
    warp_collective(request, product.site);
  }
}

}  // namespace cuttle::simt
