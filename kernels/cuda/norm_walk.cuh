// Which elements of a tensor (outer, channels, inner) the threads of a kernel take that keeps what
// it knows of a channel in registers: for batch_norm.cu and norm.cu.
#pragma once

#include "../norm_terms.h"
#include "reduce_columns.cuh"

namespace cuttle::kernels::cuda {

/// Where channels are innermost ("columns") a pack is V neighbouring channels at one place, else V
/// neighbouring elements of one channel. A block is `lanes` threads along a channel's packs by 256
/// / lanes channels or packs of them; grid.x covers the channels, and grid.y blocks share theirs.
struct ChannelWalk {
  ChannelWalk(const NormShape& s, int v)
      : columns(s.inner == 1),
        packs(columns ? s.channels / v : s.channels),
        plane(columns ? 1 : s.inner / v),
        positions(s.outer * plane),
        channels(s.channels),
        inner(s.inner),
        by_plane(plane),
        small(positions <= kMaxIndex && plane <= kMaxIndex) {
    constexpr int kColumnWidth = 32;
    constexpr int kRound = 4;  // packs that make it worth to wait for another block
    const int width = columns ? power_of_two_up_to(packs, kColumnWidth) : 1;
    lanes = kReduceThreads / width;
    blocks = (packs + width - 1) / width;
    splits = static_cast<int>(
        splits_for(std::max<int64_t>(1, blocks), positions / (int64_t{lanes} * kRound)));
    const int64_t rounds = std::max<int64_t>(1, (positions + lanes - 1) / lanes);
    chunk = (rounds + splits - 1) / splits * lanes;
    splits = static_cast<int>(std::max<int64_t>(1, (positions + chunk - 1) / chunk));
  }

  LaunchShape launch_shape() const {
    return {dim3(blocks_for(blocks, 1), static_cast<unsigned>(splits)), kReduceThreads};
  }

  /// The outer slice of a channel's pack number `position`.
  __device__ int64_t outer_of(int64_t position) const {
    if (columns) return position;
    return small ? by_plane.quotient(static_cast<uint32_t>(position)) : position / plane;
  }
  /// Where that pack begins.
  template <int V>
  __device__ int64_t offset(int64_t channel, int64_t position) const {
    if (columns) return position * channels + channel;
    const int64_t o = outer_of(position);
    return (o * channels + channel) * inner + (position - o * plane) * V;
  }

  bool columns;
  int64_t packs, plane;  // of channels; of a channel in one outer slice
  int64_t positions;     // packs of a channel in all
  int64_t channels, inner;
  FastDivisor by_plane;
  bool small;
  int lanes = 1, splits = 1;
  int64_t blocks = 0, chunk = 0;  // chunk: the positions that one block takes
};

/// One thread's part of a walk.
template <int V>
struct ChannelShare {
  __device__ explicit ChannelShare(const ChannelWalk& all) : walk(all) {
    const int width_bits = log2_of(kReduceThreads) - log2_of(walk.lanes);
    const int thread = static_cast<int>(threadIdx.x);
    lane = thread >> width_bits;
    pack = (int64_t{blockIdx.x} << width_bits) + (thread & ((1 << width_bits) - 1));
    present = pack < walk.packs;
    channel = walk.columns ? pack * V : pack;
    first = blockIdx.y * walk.chunk + lane;
    const int64_t chunk_end = (blockIdx.y + 1) * walk.chunk;
    end = present ? (chunk_end < walk.positions ? chunk_end : walk.positions) : 0;
  }

  /// The channel of a pack's element v.
  __device__ int64_t channel_of(int v) const { return walk.columns ? channel + v : channel; }

  /// Calls f(packs of the N tensors, their offset, their position) for each of the thread's places;
  /// kInFlight are loaded before the first is used.
  template <int kInFlight, class T, int N, class F>
  __device__ void each(const T* const (&from)[N], F f) const {
    const int64_t step = walk.lanes;
    for (int64_t p = first; p < end; p += kInFlight * step) {
      Pack<T, V> packs[kInFlight][N] = {};
      int64_t at[kInFlight] = {};
      CUTTLE_UNROLL
      for (int i = 0; i < kInFlight; ++i) {
        if (p + i * step >= end) continue;
        at[i] = walk.offset<V>(channel, p + i * step);
        CUTTLE_UNROLL
        for (int n = 0; n < N; ++n) packs[i][n] = load_pack<V>(from[n] + at[i]);
      }
      CUTTLE_UNROLL
      for (int i = 0; i < kInFlight; ++i)
        if (p + i * step < end) f(packs[i], at[i], p + i * step);
    }
  }

  const ChannelWalk& walk;
  int lane;
  int64_t pack, channel;
  bool present;
  int64_t first, end;
};

/// Calls f.operator()<V>() with the elements of a pack: 16 bytes where the shape has whole ones and
/// every pointer is aligned to them.
template <class T, class F, class... Pointers>
void with_channel_packs(const NormShape& s, F f, const Pointers*... pointers) {
  constexpr int kPack = 16 / sizeof(T);
  const bool whole =
      s.inner > 1 ? s.inner % kPack == 0 : (s.shared ? s.channels : s.per_group()) % kPack == 0;
  if (whole && (is_aligned(pointers) && ...))
    f.template operator()<kPack>();
  else
    f.template operator()<1>();
}

}  // namespace cuttle::kernels::cuda
