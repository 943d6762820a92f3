// Which flags of an array are set: counted first, since that is how much room the list takes.
#pragma once

#include <cstdint>

#include "host_device.h"
#include "stream.h"
#include "strided.h"

namespace cuttle::kernels {

/// Flags that are counted together.
inline constexpr int64_t kPlacesChunk = 2048;
constexpr int64_t places_chunks(int64_t n) {
  return (n + kPlacesChunk - 1) / kPlacesChunk;
}

/// ends (places_chunks(n)): how many of the n flags are set up to the end of each chunk; the last
/// one tells how many there are.
void count_places(cpu::Stream, int64_t n, const bool* flags, int64_t* ends);
void count_places(cuda::Stream, int64_t n, const bool* flags, int64_t* ends);

/// The sizes of the array that the flags lie in, row-major.
struct PlacesShape {
  int rank = 1;
  int64_t sizes[kMaxRank] = {};

  CUTTLE_HOST_DEVICE constexpr int64_t numel() const {
    int64_t n = 1;
    for (int d = 0; d < rank; ++d) n *= sizes[d];
    return n;
  }
};

/// out (as many as are set, rank): the indices of the flags that are set, in their order. ends: of
/// count_places.
void list_places(cpu::Stream, const PlacesShape& shape, const bool* flags, const int64_t* ends,
                 int64_t* out);
void list_places(cuda::Stream, const PlacesShape& shape, const bool* flags, const int64_t* ends,
                 int64_t* out);

}  // namespace cuttle::kernels
