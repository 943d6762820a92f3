// What the convolutions on the engine of gemm_tile.cuh share: tiles and their choice, limits, and a
// shape's index arithmetic.
#pragma once

#include <algorithm>

#include "conv2d_operands.cuh"
#include "gemm_grid.cuh"

namespace cuttle::kernels::cuda {

template <class T>
using Medium = Tile<T, 64, 64, 16, 4, 4>;
using Narrow = Tile<float, 128, 32, 16, 4, 4>;  // for up to 32 output channels
using Large = Tile<float, 128, 128, 16, 8, 8>;

/// Index arithmetic is in 32 bits within an image and over pixels; see "limit" below.
inline void check_limits(const Conv2dShape& s) {
  const int64_t largest = std::max({s.n * s.h * s.w, s.n * s.oh * s.ow, s.h * s.w * s.c,
                                    s.oh * s.ow * s.o, s.kh * s.kw * std::max(s.c, s.o)});
  const int64_t extent = std::max({s.kh * s.dilation_h, s.kw * s.dilation_w, s.h + s.padding_h,
                                   s.w + s.padding_w, s.oh * s.stride_h, s.ow * s.stride_w});
  if (largest > kMaxIndex || extent >= -kFarOutside)
    fail(
        "conv2d: input [", s.n, ",", s.c, ",", s.h, ",", s.w, "] with weight [", s.o, ",",
        s.c / s.groups, ",", s.kh, ",", s.kw,
        "] is over the GPU kernels' limit of 2147483647 pixels in a batch or elements in an image; "
        "split the batch");
}

inline ConvGeometry common_geometry(const Conv2dShape& s) {
  ConvGeometry g;
  g.group_c = static_cast<int>(s.c / s.groups);
  g.group_o = static_cast<int>(s.o / s.groups);
  g.stride_h = static_cast<int>(s.stride_h);
  g.stride_w = static_cast<int>(s.stride_w);
  g.padding_h = static_cast<int>(s.padding_h);
  g.padding_w = static_cast<int>(s.padding_w);
  g.dilation_h = static_cast<int>(s.dilation_h);
  g.dilation_w = static_cast<int>(s.dilation_w);
  g.kernel_w = FastDivisor(s.kw);
  g.divide_stride_h = FastDivisor(s.stride_h);
  g.divide_stride_w = FastDivisor(s.stride_w);
  return g;
}

/// Output pixels gather from x.
inline ConvGeometry input_geometry(const Conv2dShape& s) {
  ConvGeometry g = common_geometry(s);
  g.image_h = static_cast<int>(s.h);
  g.image_w = static_cast<int>(s.w);
  g.image_c = static_cast<int>(s.c);
  g.grid_h = FastDivisor(s.oh);
  g.grid_w = FastDivisor(s.ow);
  g.tap_channels = FastDivisor(s.c / s.groups);
  return g;
}

/// Input pixels gather from dy.
inline ConvGeometry gradient_geometry(const Conv2dShape& s) {
  ConvGeometry g = common_geometry(s);
  g.image_h = static_cast<int>(s.oh);
  g.image_w = static_cast<int>(s.ow);
  g.image_c = static_cast<int>(s.o);
  g.grid_h = FastDivisor(s.h);
  g.grid_w = FastDivisor(s.w);
  g.tap_channels = FastDivisor(s.o / s.groups);
  return g;
}

/// dx (pixels, C) = V(dy) · weight, for each group: m = N·H·W, n = C / groups, k = KH·KW·O /
/// groups.
template <class T>
GemmJob<T> backward_input_job(const Conv2dShape& s, T* dx) {
  GemmJob<T> job;
  job.m = static_cast<int>(s.n * s.h * s.w);
  job.n = static_cast<int>(s.c / s.groups);
  job.k = static_cast<int>(s.kh * s.kw * (s.o / s.groups));
  job.batch = static_cast<int>(s.groups);
  job.c = dx;
  job.ld = s.c;
  job.batch_stride = job.n;
  return job;
}

/// dweight (O, taps) = dyᵀ · U(x), for each group, over `pixels` of dy: m = O / groups, n =
/// KH·KW·C / groups, and one column more for dbias, unless it is nullptr.
template <class T>
GemmJob<T> backward_weight_job(const Conv2dShape& s, int64_t pixels, T* dweight, T* dbias) {
  const int64_t taps = s.kh * s.kw * (s.c / s.groups);
  GemmJob<T> job;
  job.m = static_cast<int>(s.o / s.groups);
  job.n = static_cast<int>(taps + (dbias != nullptr));
  job.k = static_cast<int>(pixels);
  job.batch = static_cast<int>(s.groups);
  job.c = dweight;
  job.ld = taps;
  job.batch_stride = job.m * taps;
  job.last_column = dbias;
  return job;
}

template <class T>
DenseGradient<T> dense_gradient(const Conv2dShape& s, const T* dy) {
  return {dy, static_cast<uint32_t>(s.oh), static_cast<uint32_t>(s.ow), static_cast<uint32_t>(s.o),
          static_cast<int>(s.oh * s.ow * s.o)};
}

/// Calls run.operator()<Tile, kPack>() with the tile that suits `columns` channels and the widest
/// pack that divides the channels of a group.
template <class T, class Run>
void choose_tile(int64_t rows, int64_t columns, bool packs, Run run) {
  if constexpr (std::is_same_v<T, float>) {
    if (columns <= 32)
      return packs ? run.template operator()<Narrow, 4>() : run.template operator()<Narrow, 1>();
    if (packs && columns >= 128 && (rows / 128) * (columns / 128) >= 128)
      return run.template operator()<Large, 4>();
    if (packs) return run.template operator()<Medium<T>, 4>();
  }
  run.template operator()<Medium<T>, 1>();
}

template <class T, class... Pointers>
bool packs_fit(const Conv2dShape& s, Pointers... pointers) {
  constexpr int64_t kPack = 16 / sizeof(T);
  return s.c / s.groups % kPack == 0 && s.o / s.groups % kPack == 0 &&
         (is_aligned(pointers) && ...);
}

}  // namespace cuttle::kernels::cuda
