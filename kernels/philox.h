// Philox 4x32-10: random bits as a function of a counter, the same on every device.
#pragma once

#include <cstdint>

#include "host_device.h"

namespace cuttle::kernels {

/// What Philox gives for one counter.
struct PhiloxBlock {
  uint32_t at[4];

  CUTTLE_HOST_DEVICE uint64_t word(int i) const {  // of 64 bits: i = 0 or 1
    return uint64_t{at[2 * i]} << 32 | at[2 * i + 1];
  }
};

/// Where the numbers of one call start. No two calls of a generator share an offset, and within a
/// call each block of elements has its own index: so no counter comes twice, and what an element
/// becomes depends on nothing else, however the work is shared out.
struct PhiloxAt {
  uint64_t seed = 0;
  uint64_t offset = 0;
  /// Where set, {seed, offset} in the memory of the device, which the kernel reads: that seed, and
  /// `offset` behind that offset. So a captured kernel draws other numbers at each replay.
  const uint64_t* base = nullptr;

  CUTTLE_HOST_DEVICE PhiloxAt resolved() const {
    return base == nullptr ? *this : PhiloxAt{base[0], base[1] + offset, nullptr};
  }
};

/// The block of the counter (index, offset) under the key `seed`. (Salmon, Moraes, Dror and Shaw,
/// "Parallel random numbers: as easy as 1, 2, 3", 2011: ten rounds of two 32-bit products.)
CUTTLE_HOST_DEVICE inline PhiloxBlock philox(uint64_t seed, uint64_t offset, uint64_t index) {
  uint32_t c0 = static_cast<uint32_t>(index), c1 = static_cast<uint32_t>(index >> 32);
  uint32_t c2 = static_cast<uint32_t>(offset), c3 = static_cast<uint32_t>(offset >> 32);
  uint32_t k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53u} * c0, p1 = uint64_t{0xCD9E8D57u} * c2;
    c0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<uint32_t>(p1);
    c2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<uint32_t>(p0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

}  // namespace cuttle::kernels
