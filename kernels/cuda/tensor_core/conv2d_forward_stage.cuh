// How the forward convolution on tensor cores fills shared memory: one stage is a tile's input and
// a block's weights for four or eight channels.
#pragma once

#include "async_copy.cuh"
#include "conv2d_forward_plan.h"
#include "mma.cuh"

namespace cuttle::kernels::cuda {

/// What the kernel is given.
struct ForwardJob {
  const float* x;       // (N, H, W, C)
  const float* weight;  // (O, KH, KW, C)
  const float* bias;    // (O) or nullptr
  float* y;             // (N, OH, OW, O), or (N, PH, PW, O)
  uint8_t* index;       // (N, PH, PW, O) or nullptr
  int h, w, c, o;
  int out_h, out_w;  // of y
  int stride_h, stride_w, padding_h, padding_w, dilation_h, dilation_w;
  bool relu;
  bool pairs;  // two channels of y, and of index, lie aligned
  ForwardTiling tiling;
};

inline constexpr int kForwardThreads = 128;

/// Where a block's tile begins.
struct ForwardPlace {
  const float* image;
  int h, w;           // of the input; may lie outside
  int first_channel;  // of the output
};

/// Starts to copy four channels from `from` on, of which `count` exist; the others become zeros.
template <int Pack>
__device__ __forceinline__ void copy_atom(float4* to, const float* from, int count) {
  if constexpr (Pack == 4) {
    copy_async<16>(to, from, count > 0);
  } else {
    CUTTLE_UNROLL
    for (int c = 0; c < 4; ++c) {
      const bool exists = c < count;
      copy_async<4>(reinterpret_cast<float*>(to) + c, exists ? from + c : from, exists);
    }
  }
}

/// Calls visit(atom of the stage, pixel, plane) for the calling thread's share of the input tile;
/// the planes of a pixel go to neighbouring threads, since they are neighbours in memory.
template <class Visit>
__device__ __forceinline__ void for_each_input_atom(const ForwardTiling& t, Visit visit) {
  const int count = t.input_h * static_cast<int>(t.input_w.divisor) * t.planes;
  for (int item = static_cast<int>(threadIdx.x); item < count; item += kForwardThreads) {
    const int plane = t.planes == 2 ? item % 2 : 0;
    uint32_t row = t.planes == 2 ? item / 2 : item;
    const auto column = t.input_w.split(row);
    uint32_t within = column;
    const auto of_class = t.classes.split(within);
    visit(plane * t.plane + static_cast<int>(row) * t.row +
              static_cast<int>(of_class) * t.class_width + static_cast<int>(within),
          static_cast<int>(row), static_cast<int>(column), plane);
  }
}

/// Calls visit(atom of the stage, output channel of the block, atom of its weight).
template <class Visit>
__device__ __forceinline__ void for_each_weight_atom(const ForwardTiling& t, Visit visit) {
  const int atoms = static_cast<int>(t.atoms.divisor), first = t.planes * t.plane;
  for (int item = static_cast<int>(threadIdx.x); item < t.output_channels * atoms;
       item += kForwardThreads) {
    uint32_t channel = item;
    const int atom = static_cast<int>(t.atoms.split(channel));
    visit(first + atom * t.weight_row + static_cast<int>(channel), static_cast<int>(channel), atom);
  }
}

/// Whether an odd number of taps leaves this atom, and the one before, with one tap in common.
__device__ __forceinline__ bool is_shared_tap(const ForwardTiling& t, int atom) {
  return t.planes == 1 && t.taps % 2 != 0 && atom >= t.taps - 1;
}

/// Which tap of the window an atom of a weight belongs to.
__device__ __forceinline__ int tap_of(const ForwardTiling& t, int atom) {
  const int tap = t.planes == 2 ? atom / 2 : atom;
  return tap < t.taps ? tap : t.taps - 1;
}

template <int Pack>
__device__ __forceinline__ void start_stage(const ForwardJob& job, const ForwardPlace& place,
                                            int stage, float4* to) {
  const ForwardTiling& t = job.tiling;
  const int first = 4 * t.planes * stage;  // channel
  for_each_input_atom(t, [&](int at, int row, int column, int plane) {
    const int h = place.h + row, w = place.w + column, c = first + 4 * plane;
    const bool inside = h >= 0 && h < job.h && w >= 0 && w < job.w;
    const float* from = inside && c < job.c ? place.image + (h * job.w + w) * job.c + c : job.x;
    copy_atom<Pack>(to + at, from, inside ? job.c - c : 0);
  });
  for_each_weight_atom(t, [&](int at, int channel, int atom) {
    const int o = place.first_channel + channel, c = first + (t.planes == 2 ? atom % 2 * 4 : 0);
    const bool exists = o < job.o && c < job.c;
    const float* from =
        exists ? job.weight + (int64_t{o} * t.taps + tap_of(t, atom)) * job.c + c : job.weight;
    copy_atom<Pack>(to + at, from, exists ? job.c - c : 0);
  });
}

/// Rounds what the calling thread has copied. A tap that two atoms share counts half in each:
/// exact, and unlike a weight of zero it makes no NaN of an infinity.
__device__ __forceinline__ void round_stage(const ForwardTiling& t, float4* stage) {
  const auto round = [&](int at, float scale) {
    const float4 v = stage[at];
    stage[at] = make_float4(round_to_tf32(v.x * scale), round_to_tf32(v.y * scale),
                            round_to_tf32(v.z * scale), round_to_tf32(v.w * scale));
  };
  for_each_input_atom(t, [&](int at, int, int, int) { round(at, 1.f); });
  for_each_weight_atom(
      t, [&](int at, int, int atom) { round(at, is_shared_tap(t, atom) ? 0.5f : 1.f); });
}

}  // namespace cuttle::kernels::cuda
