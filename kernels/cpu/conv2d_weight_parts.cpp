// The gradient of a convolution's weight, in parts that its shape alone says. It is a sum over the
// batch, which oneDNN would cut up by the number of threads, and the bits would depend on it.
#include "conv2d_weight_parts.h"

#include <atomic>

#include "conv2d_onednn.h"
#include "parallel.h"

namespace cuttle::kernels::cpu {
namespace {

/// One thread's part of a weight's gradient: output channels [channel, last_channel), summed over
/// rows [row, last_row) of the outputs of images [image, last_image).
struct Part {
  int64_t image, last_image, row, last_row, channel, last_channel;
};

/// How a weight's gradient is cut: into so many sums, each of them into so many slices of channels.
/// Sums cost an addition of all weights, so each has many positions; channels are cut where these
/// are few.
struct Cuts {
  int64_t images = 1, rows = 1, channels = 1;
  int64_t sums() const { return images * rows; }
};

Cuts cuts_of(const Conv2dShape& s) {
  constexpr int64_t kMostParts = 8, kLeastPositions = 2048, kLeastChannels = 32;
  constexpr int64_t kLeastWork = int64_t{4} << 20;  // multiplications: what is worth a thread
  const int64_t positions = s.n * s.oh * s.ow;
  const int64_t work = positions * s.o * s.kh * s.kw * (s.c / s.groups);
  const int64_t parts = std::clamp<int64_t>(work / kLeastWork, 1, kMostParts);
  const int64_t sums = std::clamp<int64_t>(positions / kLeastPositions, 1, parts);
  Cuts cuts;
  cuts.images = std::min(s.n, sums);
  // A window that lies in the padding alone looks at no row that a part could begin with.
  if (s.padding_h <= s.dilation_h * (s.kh - 1)) cuts.rows = std::min(s.oh, sums / cuts.images);
  if (s.groups == 1)
    cuts.channels = std::clamp<int64_t>(s.o / kLeastChannels, 1, parts / cuts.sums());
  return cuts;
}

Part part_of(const Conv2dShape& s, const Cuts& cuts, int64_t sum, int64_t slice) {
  const int64_t i = sum / cuts.rows, r = sum % cuts.rows;
  const auto cut = [](int64_t size, int64_t pieces, int64_t at) { return at * size / pieces; };
  return {cut(s.n, cuts.images, i),       cut(s.n, cuts.images, i + 1),
          cut(s.oh, cuts.rows, r),        cut(s.oh, cuts.rows, r + 1),
          cut(s.o, cuts.channels, slice), cut(s.o, cuts.channels, slice + 1)};
}

/// Writes the part's own rows of dweight and, unless nullptr, dbias.
template <class T>
bool backward_weight_part(const Conv2dShape& s, const Part& part, const T* x, const T* dy,
                          float* dweight, float* dbias) {
  Conv2dShape slice = s;
  slice.n = part.last_image - part.image;
  slice.o = part.last_channel - part.channel;
  slice.oh = part.last_row - part.row;
  int64_t top = 0;
  if (slice.oh < s.oh) {  // the rows of the input that these look at
    const int64_t begin = part.row * s.stride_h - s.padding_h;
    const int64_t end =
        (part.last_row - 1) * s.stride_h - s.padding_h + s.dilation_h * (s.kh - 1) + 1;
    top = std::max<int64_t>(begin, 0);
    slice.h = std::min(end, s.h) - top;
    slice.padding_h = top - begin;
  }
  const T* from = dy + (part.image * s.oh + part.row) * s.ow * s.o;
  if (slice.o < s.o) {
    thread_local Scratch scratch;
    const int64_t positions = slice.n * slice.oh * s.ow;
    T* const packed = scratch.get<T>(positions * slice.o);
    for (int64_t i = 0; i < positions; ++i)
      std::copy_n(from + i * s.o + part.channel, slice.o, packed + i * slice.o);
    from = packed;
  }
  const int64_t weights = s.kh * s.kw * (s.c / s.groups);  // of a channel
  return conv2d_backward_weight_onednn(slice, x + (part.image * s.h + top) * s.w * s.c, from,
                                       dweight + part.channel * weights,
                                       dbias ? dbias + part.channel : nullptr);
}

}  // namespace

template <class T>
bool conv2d_backward_weight_in_parts(const Conv2dShape& shape, const T* x, const T* dy,
                                     float* dweight, float* dbias) {
  const int64_t weights = shape.o * shape.kh * shape.kw * (shape.c / shape.groups);
  const Cuts cuts = cuts_of(shape);
  const int64_t sums = cuts.sums(), numbers = weights + (dbias ? shape.o : 0);  // of a sum
  thread_local Scratch scratch;
  float* const all = sums > 1 ? scratch.get<float>(sums * numbers) : nullptr;
  std::atomic<bool> has_plans = true;
  parallel_for(sums * cuts.channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const int64_t sum = unit / cuts.channels;
      float* const own = all ? all + sum * numbers : dweight;
      float* const own_bias = dbias && all ? own + weights : dbias;
      if (!backward_weight_part(shape, part_of(shape, cuts, sum, unit % cuts.channels), x, dy, own,
                                own_bias))
        has_plans = false;
    }
  });
  if (!has_plans) return false;
  if (sums == 1) return true;
  parallel_for(numbers, grain_units(sums), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      float total = all[i];
      for (int64_t sum = 1; sum < sums; ++sum) total += all[sum * numbers + i];
      (i < weights ? dweight[i] : dbias[i - weights]) = total;
    }
  });
  return true;
}

template bool conv2d_backward_weight_in_parts(const Conv2dShape&, const float*, const float*,
                                              float*, float*);
template bool conv2d_backward_weight_in_parts(const Conv2dShape&, const BFloat16*, const BFloat16*,
                                              float*, float*);

}  // namespace cuttle::kernels::cpu
