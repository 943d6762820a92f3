// Elements of any type, moved to and from places along one dimension.
#pragma once

#include <cstddef>
#include <cstdint>

#include "host_device.h"
#include "stream.h"

namespace cuttle::kernels {

/// Arrays (outer, length, inner) of whole elements, and (outer, picks, inner) of those picked and
/// their places. All dense.
struct AlongShape {
  int64_t outer = 1, length = 0, picks = 0, inner = 1;
  size_t element_size = 0;  // bytes: 1, 2, 4 or 8

  CUTTLE_HOST_DEVICE constexpr int64_t numel() const { return outer * picks * inner; }
};

/// Calls f.operator()<Word>() with the unsigned integer of that size, as which elements are moved.
template <class F>
void with_word(size_t element_size, const F& f) {
  switch (element_size) {
    case 1:
      return f.template operator()<uint8_t>();
    case 2:
      return f.template operator()<uint16_t>();
    case 4:
      return f.template operator()<uint32_t>();
    default:
      return f.template operator()<uint64_t>();
  }
}

/// out[o, k, i] = x[o, places[o, k, i], i]. Places are trusted: 0 ≤ place < length.
void take_along(cpu::Stream, const AlongShape& shape, const void* x, const int64_t* places,
                void* out);
void take_along(cuda::Stream, const AlongShape& shape, const void* x, const int64_t* places,
                void* out);

/// out[o, places[o, k, i], i] = x[o, k, i]; what no place names stays as it is. The places of a
/// line differ.
void put_along(cpu::Stream, const AlongShape& shape, const void* x, const int64_t* places,
               void* out);
void put_along(cuda::Stream, const AlongShape& shape, const void* x, const int64_t* places,
               void* out);

}  // namespace cuttle::kernels
