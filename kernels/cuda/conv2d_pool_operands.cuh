// What convolution with pooling adds to conv2d_operands.cuh: rows in the order of pooling windows,
// and the output's gradient expanded from the pooled one as it is read.
#pragma once

#include "../conv2d_pool.h"
#include "conv2d_gemm.cuh"

namespace cuttle::kernels::cuda {

/// The rows of a product in an order in which four accumulators of a thread, i = 4·r to 4·r + 3,
/// are the four pixels of one window (place 2·i + j at row i, column j of it): pooling then needs
/// no other thread's values. In its tile, window r · kThreadsM + m belongs to thread row m.
template <class Tile>
struct WindowOrder {
  static_assert(Tile::kPerM % 4 == 0, "a thread computes whole windows");
  static constexpr int kWindows = Tile::kM / 4;  // of a tile

  __device__ static int accumulator(int row) {
    return row % Tile::kM / (Tile::kWide * Tile::kThreadsM) * Tile::kWide + row % Tile::kWide;
  }
  __device__ static int window(int row) {
    const int thread_m = row / Tile::kWide % Tile::kThreadsM;
    return row / Tile::kM * kWindows + accumulator(row) / 4 * Tile::kThreadsM + thread_m;
  }
  __device__ static int place(int row) { return accumulator(row) % 4; }
};

/// The unfolded input with its pixels in WindowOrder: p counts the windows' pixels, 4 · N · PH ·
/// PW. The geometry's grid is that of the windows.
template <class Tile, int Pack_>
struct WindowedInput : UnfoldedInput<typename Tile::T, Pack_, true> {
  using T = typename Tile::T;

  __device__ WindowedInput select(int group) const {
    return {UnfoldedInput<T, Pack_, true>::select(group)};
  }
  __device__ Pixel<T> row(int p) const {
    const auto& g = this->geometry;
    const int place = WindowOrder<Tile>::place(p);
    uint32_t n = WindowOrder<Tile>::window(p);
    if (n * 4 >= static_cast<uint32_t>(this->pixels)) return {this->x, kFarOutside, kFarOutside};
    const int ow = 2 * g.grid_w.split(n) + place % 2;
    const int oh = 2 * g.grid_h.split(n) + place / 2;
    const int64_t image_numel = int64_t{g.image_h} * g.image_w * g.image_c;
    return {this->x + n * image_numel, oh * g.stride_h - g.padding_h,
            ow * g.stride_w - g.padding_w};
  }
};

/// The gradient of the unpooled output, from the pooled one: dy (N, PH, PW, O) stands at the place
/// of its window that index names; all other elements are 0.
template <class T>
struct PooledGradient {
  using Element = T;

  /// As DenseGradient's.
  template <int kPack>
  __device__ Pack<T, kPack> load(int n, uint32_t oh, uint32_t ow, int channel) const {
    if (oh / 2 >= ph || ow / 2 >= pw) return {};
    return load_window<kPack>(window(n, oh, ow) + channel, place_of(oh, ow));
  }
  /// The pixel's place in its window.
  __device__ static int place_of(uint32_t oh, uint32_t ow) { return oh % 2 * 2 + ow % 2; }
  /// Offset of the window that pixel (oh, ow) of image n lies in.
  __device__ int64_t window(int n, uint32_t oh, uint32_t ow) const {
    return int64_t{n} * image_numel + (oh / 2 * pw + ow / 2) * channels;
  }
  /// What the window at offset `at` gives to its pixel `place`.
  template <int kPack>
  __device__ Pack<T, kPack> load_window(int64_t at, int place) const {
    Pack<T, kPack> values = load_pack<kPack>(dy + at);
    const Pack<uint8_t, kPack> chosen = load_pack<kPack>(index + at);
    CUTTLE_UNROLL
    for (int v = 0; v < kPack; ++v)
      if (chosen.at[v] != place) values.at[v] = 0;
    return values;
  }

  const T* dy;
  const uint8_t* index;
  uint32_t ph, pw, channels;
  int image_numel;
};

/// The same as backward_weight's A: row o, depth p = (n, oh, ow) over the pixels that lie in a
/// window, N · 2·PH · 2·PW.
template <class T, int Pack_>
struct PooledGradientRows {
  static constexpr int kPack = Pack_;
  static constexpr bool kAlongDepth = false;
  struct WindowPixel {
    int64_t at;  // offset of the window in dy, −1 outside
    int place;
  };

  __device__ PooledGradientRows select(int group) const {
    PooledGradientRows other = *this;
    other.first_channel = group * rows;
    return other;
  }
  __device__ int row(int o) const { return o < rows ? first_channel + o : -1; }
  __device__ WindowPixel depth(int p) const {
    if (p >= pixels) return {-1, 0};
    uint32_t n = p;
    const uint32_t ow = grid_w.split(n);
    const uint32_t oh = grid_h.split(n);
    return {gradient.window(n, oh, ow), PooledGradient<T>::place_of(oh, ow)};
  }
  __device__ Pack<T, kPack> load(int row, const WindowPixel& pixel) const {
    if (row < 0 || pixel.at < 0) return {};
    return gradient.template load_window<kPack>(pixel.at + row, pixel.place);
  }

  PooledGradient<T> gradient;
  FastDivisor grid_h, grid_w;  // 2·PH, 2·PW
  int rows, pixels;            // O / groups; N · 2·PH · 2·PW
  int first_channel = 0;       // of the group
};

/// Output pixels gather from x: `scale` · (PH, PW) of them.
inline ConvGeometry window_geometry(const Conv2dPoolShape& s, int scale) {
  ConvGeometry g = input_geometry(s.conv);
  g.grid_h = FastDivisor(scale * s.ph());
  g.grid_w = FastDivisor(scale * s.pw());
  return g;
}

template <class T>
PooledGradient<T> pooled_gradient(const Conv2dPoolShape& s, const T* dy, const uint8_t* index) {
  return {.dy = dy,
          .index = index,
          .ph = static_cast<uint32_t>(s.ph()),
          .pw = static_cast<uint32_t>(s.pw()),
          .channels = static_cast<uint32_t>(s.conv.o),
          .image_numel = static_cast<int>(s.ph() * s.pw() * s.conv.o)};
}

}  // namespace cuttle::kernels::cuda
