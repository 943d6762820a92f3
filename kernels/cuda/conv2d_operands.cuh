// A convolution's tensors as the matrices of an implicit GEMM: what gemm_tile.cuh fetches. Nothing
// is unfolded in memory; each element's pixel is worked out as it is read.
#pragma once

#include "../conv2d.h"
#include "matrix_operand.cuh"

namespace cuttle::kernels::cuda {

/// Conv2dShape in 32 bits, with the divisors its index arithmetic needs. "Image" sizes are those of
/// the tensor that is gathered from, "grid" sizes those of the pixels that gather.
struct ConvGeometry {
  int image_h = 0, image_w = 0, image_c = 0;  // image_c: of all groups
  int group_c = 0, group_o = 0;               // channels of one group
  int stride_h = 0, stride_w = 0, padding_h = 0, padding_w = 0, dilation_h = 0, dilation_w = 0;
  FastDivisor grid_h, grid_w, kernel_w, tap_channels, divide_stride_h, divide_stride_w;
};

/// A coordinate so far out that adding any kernel offset keeps it outside the image.
inline constexpr int kFarOutside = -(1 << 29);

/// A pixel of the grid: which image it gathers from, and the coordinates its offsets are added to.
template <class T>
struct Pixel {
  const T* image;
  int h, w;
};
/// One position of the kernel's window and a channel.
struct Tap {
  int h, w, channel;
};

/// The unfolded input: U(p, t) = x[n, oh · stride − padding + kh · dilation, …, c] with
/// p = (n, oh, ow) and t = (kh, kw, c); 0 outside the image. As forward's A it runs along depth
/// (t is summed over); as backward_weight's B its rows are t and the sum is over p.
template <class T, int Pack_, bool AlongDepth>
struct UnfoldedInput {
  static constexpr int kPack = Pack_;  // channels at a time
  static constexpr bool kAlongDepth = AlongDepth;

  __device__ UnfoldedInput select(int group) const {
    UnfoldedInput other = *this;
    other.x += group * geometry.group_c;
    return other;
  }
  __device__ auto row(int i) const {
    if constexpr (kAlongDepth)
      return pixel(i);
    else
      return tap(i);
  }
  __device__ auto depth(int i) const {
    if constexpr (kAlongDepth)
      return tap(i);
    else
      return pixel(i);
  }
  __device__ Pack<T, kPack> load(const Pixel<T>& pixel, const Tap& tap) const {
    const int h = pixel.h + tap.h, w = pixel.w + tap.w;
    if (h < 0 || h >= geometry.image_h || w < 0 || w >= geometry.image_w) return {};
    return load_pack<kPack>(pixel.image + (h * geometry.image_w + w) * geometry.image_c +
                            tap.channel);
  }
  __device__ Pack<T, kPack> load(const Tap& tap, const Pixel<T>& pixel) const {
    return load(pixel, tap);
  }

  __device__ Pixel<T> pixel(int p) const {
    if (p >= pixels) return {x, kFarOutside, kFarOutside};
    uint32_t n = p;
    const int ow = geometry.grid_w.split(n);
    const int oh = geometry.grid_h.split(n);
    const int64_t image_numel = int64_t{geometry.image_h} * geometry.image_w * geometry.image_c;
    return {x + n * image_numel, oh * geometry.stride_h - geometry.padding_h,
            ow * geometry.stride_w - geometry.padding_w};
  }
  __device__ Tap tap(int t) const {
    if (t >= taps) return {kFarOutside, kFarOutside, 0};
    uint32_t kh = t;
    const int c = geometry.tap_channels.split(kh);
    const int kw = geometry.kernel_w.split(kh);
    return {static_cast<int>(kh) * geometry.dilation_h, kw * geometry.dilation_w, c};
  }

  const T* x;  // (N, H, W, C)
  ConvGeometry geometry;
  int pixels, taps;
};

/// U with one row more, all ones: the weight that stands at it is the bias, whose gradient the
/// weight gradient's product then gives as its last column.
template <class Input>
struct WithOnes : Input {
  __device__ WithOnes select(int group) const { return {Input::select(group)}; }
  __device__ Tap row(int t) const {
    return t == this->taps ? Tap{kFarOutside, kFarOutside, 1} : Input::row(t);
  }
  template <class Pixel>
  __device__ auto load(const Tap& tap, const Pixel& pixel) const {
    auto pack = Input::load(tap, pixel);  // zeros for rows behind the taps
    if (tap.h == kFarOutside) pack.at[0] = tap.channel;
    return pack;
  }
};

/// A convolution's output gradient as it lies in memory: dy (N, OH, OW, O).
template <class T>
struct DenseGradient {
  using Element = T;

  /// kPack channels at (oh, ow) of image n; zeros outside of it.
  template <int kPack>
  __device__ Pack<T, kPack> load(int n, uint32_t oh, uint32_t ow, int channel) const {
    if (oh >= h || ow >= w) return {};
    return load_pack<kPack>(dy + int64_t{n} * image_numel + (oh * w + ow) * channels + channel);
  }

  const T* dy;
  uint32_t h, w, channels;
  int image_numel;
};

/// The output gradient as each input pixel sees it: V(p, t) = dy[n, oh, ow, o] with p = (n, h, w),
/// t = (kh, kw, o), where oh · stride = h + padding − kh · dilation has a solution in the image;
/// else 0. Gradient: how dy lies in memory.
template <class Gradient, int Pack_>
struct UnfoldedGradient {
  static constexpr int kPack = Pack_;
  static constexpr bool kAlongDepth = true;
  using T = typename Gradient::Element;
  struct InputPixel {
    int n, h, w;  // in the padded input
  };

  __device__ UnfoldedGradient select(int group) const {
    UnfoldedGradient other = *this;
    other.first_channel = group * geometry.group_o;
    return other;
  }
  __device__ InputPixel row(int p) const {
    if (p >= pixels) return {0, kFarOutside, kFarOutside};
    uint32_t n = p;
    const int w = geometry.grid_w.split(n);
    const int h = geometry.grid_h.split(n);
    return {static_cast<int>(n), h + geometry.padding_h, w + geometry.padding_w};
  }
  __device__ Tap depth(int t) const {
    if (t >= taps) return {-kFarOutside, -kFarOutside, 0};
    uint32_t kh = t;
    const int o = geometry.tap_channels.split(kh);
    const int kw = geometry.kernel_w.split(kh);
    return {static_cast<int>(kh) * geometry.dilation_h, kw * geometry.dilation_w,
            first_channel + o};
  }
  __device__ Pack<T, kPack> load(const InputPixel& pixel, const Tap& tap) const {
    const int h = pixel.h - tap.h, w = pixel.w - tap.w;
    if (h < 0 || w < 0) return {};
    uint32_t oh = h, ow = w;
    if (geometry.divide_stride_h.split(oh) != 0 || geometry.divide_stride_w.split(ow) != 0)
      return {};
    return gradient.template load<kPack>(pixel.n, oh, ow, tap.channel);
  }

  Gradient gradient;
  ConvGeometry geometry;
  int pixels, taps;
  int first_channel = 0;  // of the group
};

/// The weights as backward_input's B: row c, depth t = (kh, kw, o), element weight[o, kh, kw, c].
template <class T, int Pack_>
struct TransposedWeight {
  static constexpr int kPack = Pack_;
  static constexpr bool kAlongDepth = false;

  __device__ TransposedWeight select(int group) const {
    TransposedWeight other = *this;
    other.weight += int64_t{group} * group_o.divisor * filter_numel;
    return other;
  }
  __device__ int row(int c) const { return c < channels ? c : -1; }
  __device__ int64_t depth(int t) const {
    if (t >= taps) return -1;
    uint32_t window = t;
    const int o = group_o.split(window);
    return o * filter_numel + int64_t{window} * channels;
  }
  __device__ Pack<T, kPack> load(int row, int64_t depth) const {
    if (row < 0 || depth < 0) return {};
    return load_pack<kPack>(weight + row + depth);
  }

  const T* weight;  // (O, KH, KW, C / groups)
  FastDivisor group_o;
  int channels, taps;    // C / groups; KH · KW · O / groups
  int64_t filter_numel;  // KH · KW · C / groups
};

}  // namespace cuttle::kernels::cuda
