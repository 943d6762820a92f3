// The places of flags that are set, on the CPU: chunk by chunk on several threads.
#include "../places.h"

#include "parallel.h"

namespace cuttle::kernels {
namespace {

constexpr int64_t kGrainChunks = cpu::grain_units(kPlacesChunk);

}  // namespace

void count_places(cpu::Stream, int64_t n, const bool* flags, int64_t* ends) {
  const int64_t chunks = places_chunks(n);
  cpu::parallel_for(chunks, kGrainChunks, [&](int64_t begin, int64_t end) {
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      const int64_t first = chunk * kPlacesChunk, last = std::min(n, first + kPlacesChunk);
      ends[chunk] = std::count(flags + first, flags + last, true);
    }
  });
  for (int64_t chunk = 1; chunk < chunks; ++chunk) ends[chunk] += ends[chunk - 1];
}

void list_places(cpu::Stream, const PlacesShape& shape, const bool* flags, const int64_t* ends,
                 int64_t* out) {
  const int64_t n = shape.numel();
  cpu::parallel_for(places_chunks(n), kGrainChunks, [&](int64_t begin, int64_t end) {
    int64_t* to = out + (begin == 0 ? 0 : ends[begin - 1]) * shape.rank;
    const int64_t last = std::min(n, end * kPlacesChunk);
    for (int64_t i = begin * kPlacesChunk; i < last; ++i) {
      if (!flags[i]) continue;
      int64_t rest = i;
      for (int d = shape.rank - 1; d >= 0; --d) {
        to[d] = rest % shape.sizes[d];
        rest /= shape.sizes[d];
      }
      to += shape.rank;
    }
  });
}

}  // namespace cuttle::kernels
