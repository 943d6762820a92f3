// Elements to and from places along a dimension. See kernels/along.h.
#include "../along.h"

#include "index.cuh"

namespace cuttle::kernels {

namespace {

using namespace cuda;  // launch, … of this folder

/// out[o, k, i] = x[o, places[o, k, i], i], or with kPut out[o, places[o, k, i], i] = x[o, k, i].
/// Layout: as in along.h. Launch: block 256, a thread a pick; the grid covers them. Bound: memory,
/// the picks and places once, coalesced, and a sector for each element that lies by itself.
/// Deterministic, since the places of a line differ.
template <class Word, bool kPut>
__global__ void __launch_bounds__(256)
    along_kernel(AlongShape shape, const Word* __restrict__ x, const int64_t* __restrict__ places,
                 Word* __restrict__ out) {
  const int64_t at = int64_t{blockIdx.x} * 256 + threadIdx.x;
  const int64_t inner = at % shape.inner, outer = at / shape.inner / shape.picks;
  wait_for_predecessor();
  if (at >= shape.numel()) return;
  const int64_t whole = (outer * shape.length + places[at]) * shape.inner + inner;
  if constexpr (kPut)
    out[whole] = x[at];
  else
    out[at] = x[whole];
}

template <bool kPut>
void run_along(cuda::Stream stream, const AlongShape& shape, const void* x, const int64_t* places,
               void* out) {
  if (shape.numel() == 0) return;
  with_word(shape.element_size, [&]<class Word>() {
    launch_overlapping(stream, {blocks_for(shape.numel(), 256), 256}, along_kernel<Word, kPut>,
                       shape, static_cast<const Word*>(x), places, static_cast<Word*>(out));
  });
}

}  // namespace

void take_along(cuda::Stream stream, const AlongShape& shape, const void* x, const int64_t* places,
                void* out) {
  run_along<false>(stream, shape, x, places, out);
}

void put_along(cuda::Stream stream, const AlongShape& shape, const void* x, const int64_t* places,
               void* out) {
  run_along<true>(stream, shape, x, places, out);
}

}  // namespace cuttle::kernels
