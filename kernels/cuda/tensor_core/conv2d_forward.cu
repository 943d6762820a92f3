// Forward convolution on tensor cores, TF32, by mma.sync (compute capability 8.0 and later): any
// size, kernel, stride, padding and dilation, one group; bias, ReLU and 2 × 2 max pooling in the
// same kernel. See kernels/conv2d.h and conv2d_pool.h.
#include <algorithm>

#include "../conv2d_tensor_core.h"
#include "conv2d_forward_stage.cuh"

namespace cuttle::kernels::cuda {

namespace {

/// The places of a step's two atoms in the input tile, relative to the upper left pixel of a
/// window: for its left and for its right pixels.
struct StepPlaces {
  int left[2], right[2];
};

__device__ inline void fill_places(const ForwardJob& job, StepPlaces* places) {
  const ForwardTiling& t = job.tiling;
  const int steps = static_cast<int>(t.atoms.divisor) / 2;
  for (int step = static_cast<int>(threadIdx.x); step < steps; step += kForwardThreads) {
    StepPlaces& to = places[step];
    CUTTLE_UNROLL
    for (int i = 0; i < 2; ++i) {
      const int atom = 2 * step + i, plane = t.planes == 2 ? i : 0;
      uint32_t kh = tap_of(t, atom);
      const int kw = static_cast<int>(t.kernel_w.split(kh));
      const int row = plane * t.plane + static_cast<int>(kh) * job.dilation_h * t.row;
      const auto of_column = [&](int column) {
        uint32_t within = column;
        const auto of_class = t.classes.split(within);
        return row + static_cast<int>(of_class) * t.class_width + static_cast<int>(within);
      };
      to.left[i] = of_column(kw * job.dilation_w);
      to.right[i] = of_column(kw * job.dilation_w + job.stride_w);
    }
  }
}

/// What a thread holds: of each group of windows and each eight channels the upper and lower pixels
/// (second index of the inner four / 2) of its window, channels 2t and 2t + 1; left and right
/// pixels.
template <int Groups, int Columns>
using Sums = float[Groups][2][Columns][4];

/// Adds one stage's products.
template <int Groups, int Columns>
__device__ __forceinline__ void multiply_stage(const ForwardJob& job, const StepPlaces* places,
                                               const float4* stage, const int (&windows)[Groups],
                                               int first_column, Sums<Groups, Columns>& d) {
  const ForwardTiling& t = job.tiling;
  const int lane = static_cast<int>(threadIdx.x) % 32, g = lane / 4;
  const float* const input = reinterpret_cast<const float*>(stage) + lane % 4;
  const float* weights = input + 4 * (t.planes * t.plane + first_column + g);
  const int steps = static_cast<int>(t.atoms.divisor) / 2, lower = 4 * job.stride_h * t.row;
  for (int step = 0; step < steps; ++step, weights += 8 * t.weight_row) {
    const StepPlaces at = places[step];
    float b[Columns][2];
    CUTTLE_UNROLL
    for (int j = 0; j < Columns; ++j) {
      b[j][0] = weights[32 * j];
      b[j][1] = weights[32 * j + 4 * t.weight_row];
    }
    CUTTLE_UNROLL
    for (int m = 0; m < Groups; ++m) {
      CUTTLE_UNROLL
      for (int side = 0; side < 2; ++side) {
        const int(&place)[2] = side == 0 ? at.left : at.right;
        const float* const first = input + 4 * (windows[m] + place[0]);
        const float* const second = input + 4 * (windows[m] + place[1]);
        const float a[4] = {first[0], first[lower], second[0], second[lower]};
        CUTTLE_UNROLL
        for (int j = 0; j < Columns; ++j) mma_m16n8k8(d[m][side][j], a, b[j]);
      }
    }
  }
}

/// Two channels from `at` on, of which `count` exist.
template <class T, class Pair>
__device__ __forceinline__ void store_pair(T* at, const Pair& pair, int count, bool aligned) {
  if (count >= 2 && aligned) {
    *reinterpret_cast<Pair*>(at) = pair;
  } else {
    if (count >= 1) at[0] = pair.x;
    if (count >= 2) at[1] = pair.y;
  }
}

__device__ __forceinline__ float rectified(float value, bool relu) {
  return relu && value <= 0.f ? 0.f : value;  // lets a NaN pass
}

/// A window's largest value, and which pixel it is: the first of equals, a NaN before all, the last
/// of several; 4 where ReLU lets nothing through.
__device__ __forceinline__ void pool_window(const float (&pixels)[4], bool relu, float& best,
                                            uint8_t& place) {
  best = pixels[0];
  place = 0;
  CUTTLE_UNROLL
  for (int p = 1; p < 4; ++p) {
    if (pixels[p] > best || pixels[p] != pixels[p]) {
      best = pixels[p];
      place = static_cast<uint8_t>(p);
    }
  }
  if (relu && best <= 0.f) {
    best = 0.f;
    place = 4;
  }
}

/// Writes channels 2t and 2t + 1 of eight, of one window: `left` and `right` are its columns, upper
/// pixel first.
template <bool Pooled>
__device__ __forceinline__ void store_window(const ForwardJob& job, int64_t image, int window_h,
                                             int window_w, int channel, const float (&left)[4],
                                             const float (&right)[4]) {
  const int count = job.o - channel;
  if (count <= 0) return;
  float2 bias = make_float2(0.f, 0.f);
  if (job.bias != nullptr) {
    bias.x = job.bias[channel];
    if (count > 1) bias.y = job.bias[channel + 1];
  }
  const float first[4] = {left[0] + bias.x, right[0] + bias.x, left[2] + bias.x, right[2] + bias.x};
  const float second[4] = {left[1] + bias.y, right[1] + bias.y, left[3] + bias.y,
                           right[3] + bias.y};
  if constexpr (Pooled) {
    if (window_h >= job.out_h || window_w >= job.out_w) return;
    float2 best;
    uchar2 place;
    pool_window(first, job.relu, best.x, place.x);
    pool_window(second, job.relu, best.y, place.y);
    const int64_t to = ((image * job.out_h + window_h) * job.out_w + window_w) * job.o + channel;
    store_pair(job.y + to, best, count, job.pairs);
    if (job.index != nullptr) store_pair(job.index + to, place, count, job.pairs);
  } else {
    CUTTLE_UNROLL
    for (int p = 0; p < 4; ++p) {
      const int h = 2 * window_h + p / 2, w = 2 * window_w + p % 2;
      if (h >= job.out_h || w >= job.out_w) continue;
      const int64_t to = ((image * job.out_h + h) * job.out_w + w) * job.o + channel;
      store_pair(job.y + to,
                 make_float2(rectified(first[p], job.relu), rectified(second[p], job.relu)), count,
                 job.pairs);
    }
  }
}

/// y[n,oh,ow,o] = bias[o] + Σ_{kh,kw,c} x[n, oh·stride − padding + kh·dilation, …, c] ·
/// weight[o,kh,kw,c], then ReLU where asked; Pooled: then the largest of each 2 × 2 window and its
/// place. An implicit GEMM: rows are output pixels, columns output channels, depth (c / 8, tap, c %
/// 8). The halo tile and the weights of eight channels sit in shared memory while those of the next
/// eight arrive (cp.async). Layout: channels last; shared memory as in conv2d_forward_plan.h.
/// Launch: block of 4 warps, Groups groups of eight windows and 8 · Columns channels a warp; grid
/// (N · tiles, O / channels of a block). Pack: 4 where pixels and weights begin at 16-byte
/// boundaries in all channels, else 1. Bound: the tensor cores and shared memory's bandwidth; at a
/// batch of 64 small images the latency of load and launch. Numerics: operands rounded to TF32, to
/// nearest; exact products, float32 sums; bias added before pooling. Deterministic: no atomics, one
/// order of sums.
template <int Groups, int Columns, int Pack, bool Pooled>
__global__ void __launch_bounds__(kForwardThreads) conv2d_forward_mma_kernel(ForwardJob job) {
  CUTTLE_DYNAMIC_SHARED(float4, shared);
  const ForwardTiling& t = job.tiling;
  const auto places = reinterpret_cast<StepPlaces*>(shared);
  float4* const stages = shared + t.atoms.divisor / 2;

  uint32_t image = blockIdx.x;
  const int tile_w = static_cast<int>(t.tiles_w.split(image)) * t.columns;  // in windows
  const int tile_h = static_cast<int>(t.tiles_h.split(image)) * t.window_rows;
  const ForwardPlace place = {
      job.x + int64_t{image} * job.h * job.w * job.c, 2 * tile_h * job.stride_h - job.padding_h,
      2 * tile_w * job.stride_w - job.padding_w, static_cast<int>(blockIdx.y) * t.output_channels};
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  const int first_column = warp / t.group_warps * 8 * Columns;
  int rows[Groups], windows[Groups];  // this lane's window of each group: its row, and its place
  CUTTLE_UNROLL
  for (int m = 0; m < Groups; ++m) {
    const int group = warp % t.group_warps * Groups + m;
    rows[m] = (group * 8 + lane / 4) / t.columns;
    windows[m] = 2 * rows[m] * job.stride_h * t.row + lane / 4 % t.columns;
  }

  Sums<Groups, Columns> d = {};
  fill_places(job, places);
  wait_for_predecessor();
  start_stage<Pack>(job, place, 0, stages);
  commit_copies();
  for (int stage = 0; stage < t.stages; ++stage) {
    float4* const current = stages + stage % 2 * t.stage_atoms;
    if (stage + 1 < t.stages) {
      start_stage<Pack>(job, place, stage + 1, stages + (stage + 1) % 2 * t.stage_atoms);
    }
    commit_copies();
    wait_for_copies<1>();
    round_stage(t, current);
    __syncthreads();
    if (stage + 1 == t.stages) allow_successor();
    multiply_stage<Groups, Columns>(job, places, current, windows, first_column, d);
    __syncthreads();
  }

  const int channel = place.first_channel + first_column + lane % 4 * 2;
  CUTTLE_UNROLL
  for (int m = 0; m < Groups; ++m) {
    CUTTLE_UNROLL
    for (int j = 0; j < Columns; ++j) {
      store_window<Pooled>(job, image, tile_h + rows[m], tile_w + lane / 4 % t.columns,
                           channel + 8 * j, d[m][0][j], d[m][1][j]);
    }
  }
}

/// What a block may use on every GPU from compute capability 8.0 on.
constexpr int kSharedLimit = 99 << 10;

template <int Groups, int Columns, int Pack, bool Pooled>
bool run(Stream stream, int64_t images, ForwardJob job) {
  const auto kernel = conv2d_forward_mma_kernel<Groups, Columns, Pack, Pooled>;
  const ForwardTiling& t = job.tiling;
  const int64_t blocks = images * t.tiles_h.divisor * t.tiles_w.divisor;
  const int64_t columns = (job.o + t.output_channels - 1) / t.output_channels;
  if (t.shared_bytes() > kSharedLimit || blocks > kMaxIndex || columns > 65535) return false;
  const DeviceGuard guard(stream.device);
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kSharedLimit),
        "conv2d: shared memory");
  launch_overlapping(stream,
                     {dim3(static_cast<unsigned>(blocks), static_cast<unsigned>(columns)),
                      kForwardThreads, static_cast<size_t>(t.shared_bytes())},
                     kernel, job);
  return true;
}

/// With the tiles that suit the shape: two groups of windows a warp where that leaves blocks for
/// every multiprocessor, few channels where there are few, where the image is low, or where the
/// weights of more would not fit.
template <int Pack, bool Pooled>
bool run_tiles(Stream stream, const Conv2dShape& s, int windows_h, int windows_w, ForwardJob job) {
  constexpr int64_t kEnoughBlocks = 256;
  const auto blocks_with = [&](int groups, int channels) {
    job.tiling = forward_tiling(s, windows_h, windows_w, groups, channels);
    const ForwardTiling& t = job.tiling;
    return s.n * t.tiles_h.divisor * t.tiles_w.divisor * ((s.o + channels - 1) / channels);
  };
  if (s.o > 16 && !is_low(windows_h, windows_w)) {
    if (blocks_with(2, 32) >= kEnoughBlocks && run<2, 4, Pack, Pooled>(stream, s.n, job))
      return true;
    blocks_with(1, 32);
    if (run<1, 4, Pack, Pooled>(stream, s.n, job)) return true;
  }
  blocks_with(1, 16);
  return run<1, 2, Pack, Pooled>(stream, s.n, job);
}

template <bool Pooled>
bool run_any(Stream stream, const Conv2dShape& s, ForwardJob job) {
  if (s.groups != 1) return false;
  const int64_t furthest = std::max({s.h * s.w * s.c, s.oh * s.ow * s.o, s.kh * s.kw * s.c * s.o,
                                     s.stride_h * 64, s.stride_w * 64, s.dilation_h * s.kh * 64,
                                     s.dilation_w * s.kw * 64, s.padding_h * 64, s.padding_w * 64});
  if (furthest > kMaxIndex) return false;  // the kernel counts within an image in 32 bits
  // Whole numbers of windows; what is not pooled has a last half window where its size is odd.
  const int windows_h = static_cast<int>(Pooled ? s.oh / 2 : (s.oh + 1) / 2);
  const int windows_w = static_cast<int>(Pooled ? s.ow / 2 : (s.ow + 1) / 2);
  const auto int_of = [](int64_t v) { return static_cast<int>(v); };
  job.h = int_of(s.h), job.w = int_of(s.w), job.c = int_of(s.c), job.o = int_of(s.o);
  job.out_h = Pooled ? windows_h : int_of(s.oh), job.out_w = Pooled ? windows_w : int_of(s.ow);
  job.stride_h = int_of(s.stride_h), job.stride_w = int_of(s.stride_w);
  job.padding_h = int_of(s.padding_h), job.padding_w = int_of(s.padding_w);
  job.dilation_h = int_of(s.dilation_h), job.dilation_w = int_of(s.dilation_w);
  job.pairs = s.o % 2 == 0 && is_aligned(job.y, 8) && is_aligned(job.index, 2);
  const bool packs = s.c % 4 == 0 && is_aligned(job.x) && is_aligned(job.weight);
  return packs ? run_tiles<4, Pooled>(stream, s, windows_h, windows_w, job)
               : run_tiles<1, Pooled>(stream, s, windows_h, windows_w, job);
}

ForwardJob tensors(const float* x, const float* weight, const float* bias, float* y, uint8_t* index,
                   bool relu) {
  ForwardJob job = {};
  job.x = x, job.weight = weight, job.bias = bias, job.y = y, job.index = index, job.relu = relu;
  return job;
}

}  // namespace

bool conv2d_forward_tensor_core(Stream stream, const Conv2dShape& shape, bool relu, const float* x,
                                const float* weight, const float* bias, float* y) {
  return run_any<false>(stream, shape, tensors(x, weight, bias, y, nullptr, relu));
}

bool conv2d_pool_forward_tensor_core(Stream stream, const Conv2dPoolShape& shape, const float* x,
                                     const float* weight, const float* bias, float* y,
                                     uint8_t* index) {
  return run_any<true>(stream, shape.conv, tensors(x, weight, bias, y, index, shape.relu));
}

}  // namespace cuttle::kernels::cuda
