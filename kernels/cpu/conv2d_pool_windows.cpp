// Each pooled element took its value from one window of x, (KH, KW · C) in channels-last memory
// with the padding written out. So the gradient of a filter is a sum of such windows, each times an
// element of dy, and the gradient of x, at the window of an element, a sum of filters.
#include "conv2d_pool_windows.h"

#include <limits>

#include "parallel.h"
#include "window_sums.h"

namespace cuttle::kernels::cpu {
namespace {

int64_t lanes_of(int64_t floats) {
  return (floats + kLanes - 1) / kLanes;
}

/// Some rows of pooled elements and the part of an image, padding and all, that they saw: `rows`
/// rows of `row` floats, of which those behind the windows' last are not used.
struct Band {
  Band(const Conv2dPoolShape& shape, int64_t first_row, int64_t last_row)
      : s(shape.conv), pw(shape.pw()), first(first_row), last(last_row) {
    rows = (2 * (last - first) - 1) * s.stride_h + s.dilation_h * (s.kh - 1) + 1;
    columns = (2 * pw - 1) * s.stride_w + s.kw;
    row = lanes_of(columns * s.c) * kLanes;
  }

  int64_t positions() const { return (last - first) * pw; }
  int64_t numel() const { return rows * row + kLanes; }  // a window's last lanes may reach beyond

  /// Calls run(position, window): where the window of the first of the four convolution outputs
  /// begins that make up a position.
  template <class Run>
  void for_each_position(const Run& run) const {
    for (int64_t p = 0, ph = 0; ph < last - first; ++ph)
      for (int64_t w = 0; w < pw; ++w, ++p) run(p, 2 * ph * below() + 2 * w * beside());
  }
  int64_t below() const { return s.stride_h * row; }   // from it to the window of the one below
  int64_t beside() const { return s.stride_w * s.c; }  // and beside

  /// Calls run(offset in the band, offset in the image, floats) for all that both have. The rest
  /// of the band is padding.
  template <class Run>
  void for_each_shared_row(const Run& run) const {
    const int64_t from = std::max<int64_t>(0, s.padding_w);
    const int64_t count = std::min(columns - from, s.w);
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t h = 2 * first * s.stride_h - s.padding_h + r;
      if (h >= 0 && h < s.h && count > 0) run(r * row + from * s.c, h * s.w * s.c, count * s.c);
    }
  }

  const Conv2dShape& s;
  int64_t pw, first, last, rows, columns, row;
};

/// Pooled rows of which a band and what is listed of it lie in the first-level cache.
int64_t band_rows(const Conv2dPoolShape& shape) {
  constexpr int64_t kFloats = 8192;
  int64_t rows = 1;
  while (rows < shape.ph() && Band(shape, 0, rows + 1).numel() <= kFloats &&
         (rows + 1) * shape.pw() <= 64)
    ++rows;
  return rows;
}

/// Calls run(band) for the bands of an image.
template <class Run>
void for_each_band(const Conv2dPoolShape& shape, const Run& run) {
  const int64_t most = band_rows(shape);
  for (int64_t first = 0; first < shape.ph(); first += most)
    run(Band(shape, first, std::min(shape.ph(), first + most)));
}

/// True where windows fill the lanes, bands have positions enough to be worth a filter's sums, and
/// places fit 32 bits.
bool serves(const Conv2dPoolShape& shape) {
  constexpr int64_t kLeastPositions = 8, kMost = std::numeric_limits<int32_t>::max();
  const Conv2dShape& s = shape.conv;
  const int64_t across = s.kw * s.c;
  if (s.groups != 1 || s.dilation_w != 1 || s.n * s.o * s.kh * across == 0) return false;
  const int64_t rows = band_rows(shape);
  return rows * shape.pw() >= kLeastPositions && 2 * across >= lanes_of(across) * kLanes &&
         s.o * s.kh * across <= kMost && Band(shape, 0, rows).numel() <= kMost;
}

// ---- The weight's gradient ----

/// A unit of work: filters [filter, last_filter), summed over images [image, last_image).
struct Part {
  int64_t image, last_image, filter, last_filter;
  int64_t filters() const { return last_filter - filter; }
};

/// Writes the factors of the part's filters: for each position those of all filters.
void list_factors(const Band& band, const Part& part, const float* dy, const uint8_t* index,
                  float* values, int32_t* places) {
  const int64_t filters = part.filters(), o = band.s.o;
  const auto below = static_cast<int32_t>(band.below()),
             beside = static_cast<int32_t>(band.beside());
  vectorised([&] {
    band.for_each_position([&](int64_t p, int64_t window) {
      const float* const from = dy + p * o + part.filter;
      const uint8_t* const at = index + p * o + part.filter;
      float* const value = values + p * filters;
      int32_t* const place = places + p * filters;
      const auto first = static_cast<int32_t>(window);
      each_lane(filters, [=](int64_t i) {
        const int32_t which = at[i];
        const float given = from[i];
        value[i] = which < 4 ? given : 0.f;
        place[i] = first + (which & 1) * beside + (which >> 1 & 1) * below;
      });
    });
  });
}

/// Adds what a band of an image gives to sums (O, KH, lanes) and, unless nullptr, sums_bias (O).
void add_band(const Band& band, const Part& part, const float* image, const float* dy,
              const uint8_t* index, float* sums, float* sums_bias) {
  thread_local Scratch x_scratch, value_scratch, place_scratch;
  const Conv2dShape& s = band.s;
  const int64_t filters = part.filters(), across = lanes_of(s.kw * s.c);
  float* const x = x_scratch.get<float>(band.numel());
  std::fill_n(x, band.numel(), 0.f);
  band.for_each_shared_row(
      [&](int64_t to, int64_t from, int64_t count) { std::copy_n(image + from, count, x + to); });
  float* const values = value_scratch.get<float>(band.positions() * filters);
  int32_t* const places = place_scratch.get<int32_t>(band.positions() * filters);
  const int64_t pooled = band.first * band.pw * s.o;
  list_factors(band, part, dy + pooled, index + pooled, values, places);
  const int64_t step = s.dilation_h * band.row, tile = tile_width(across);
  vectorised([&] {
    for (int64_t i = 0; i < filters; ++i)
      add_windows(s.kh, across, tile, {values + i, places + i, band.positions(), filters},
                  {x, step}, {sums + (part.filter + i) * s.kh * across * kLanes, across * kLanes});
  });
  if (!sums_bias) return;
  for (int64_t p = 0; p < band.positions(); ++p)
    for (int64_t i = 0; i < filters; ++i) sums_bias[part.filter + i] += values[p * filters + i];
}

/// How often the gradient is summed apart, over images, and into how many slices filters are cut:
/// by the shape alone, whatever the number of threads.
struct Cuts {
  explicit Cuts(const Conv2dShape& s, int64_t sum_numel) {
    constexpr int64_t kMostParts = 8, kMostFloats = int64_t{4} << 20;
    sums = std::clamp<int64_t>(kMostFloats / sum_numel, 1, std::min(s.n, kMostParts));
    slices = std::clamp<int64_t>(s.o / kLanes, 1, kMostParts / sums);
  }
  Part part(const Conv2dShape& s, int64_t unit) const {
    const int64_t sum = unit / slices, slice = unit % slices;
    return {sum * s.n / sums, (sum + 1) * s.n / sums, slice * s.o / slices,
            (slice + 1) * s.o / slices};
  }
  int64_t sums, slices;
};

// ---- The input's gradient ----

/// Elements of dy, in each position those that lie at the same one of the four places together.
struct Sorted {
  const float* values;     // (positions, O)
  const int32_t* filters;  // where in the weight their filters begin
  const int32_t* ends;     // (positions, 4): how many lie at a place or at one before
};

Sorted sort_by_place(const Band& band, const float* dy, const uint8_t* index) {
  thread_local Scratch value_scratch, filter_scratch, end_scratch;
  const Conv2dShape& s = band.s;
  const int64_t positions = band.positions();
  const auto filter = static_cast<int32_t>(s.kh * s.kw * s.c);
  auto* const values = value_scratch.get<float>(positions * s.o);
  auto* const filters = filter_scratch.get<int32_t>(positions * s.o);
  auto* const ends = end_scratch.get<int32_t>(positions * 4);
  for (int64_t p = 0; p < positions; ++p) {
    int32_t count[5] = {}, next[5] = {};
    for (int64_t o = 0; o < s.o; ++o) ++count[index[p * s.o + o]];
    for (int i = 1; i < 5; ++i) next[i] = next[i - 1] + count[i - 1];
    for (int64_t o = 0; o < s.o; ++o) {
      const int64_t to = p * s.o + next[index[p * s.o + o]]++;
      values[to] = dy[p * s.o + o];
      filters[to] = static_cast<int32_t>(o) * filter;
    }
    std::copy_n(next, 4, ends + p * 4);
  }
  return {values, filters, ends};
}

/// Adds to the band's part of an image's gradient, which lies at dx.
void add_filters(const Band& band, const Sorted& sorted, const float* weight, float* dx) {
  const Conv2dShape& s = band.s;
  const int64_t across = lanes_of(s.kw * s.c), filter_step = across * kLanes;
  const int64_t step = s.dilation_h * band.row, tile = tile_width(across);
  // Row by row, so that those of all filters stay in the first-level cache.
  for (int64_t row = 0; row < s.kh; ++row)
    vectorised([&] {
      band.for_each_position([&](int64_t p, int64_t window) {
        int64_t begin = 0;
        for (int place = 0; place < 4; ++place) {
          const int64_t end = sorted.ends[p * 4 + place], at = p * s.o + begin;
          float* const to =
              dx + row * step + window + (place & 1) * band.beside() + (place >> 1) * band.below();
          add_windows(1, across, tile, {sorted.values + at, sorted.filters + at, end - begin, 1},
                      {weight + row * filter_step, filter_step}, {to, step});
          begin = end;
        }
      });
    });
}

void input_gradient(const Conv2dPoolShape& shape, const float* dy, const uint8_t* index,
                    const float* weight, float* dx) {
  thread_local Scratch scratch;
  const Conv2dShape& s = shape.conv;
  const Band all(shape, 0, shape.ph());
  float* const sums = scratch.get<float>(all.numel());
  std::fill_n(sums, all.numel(), 0.f);
  for_each_band(shape, [&](const Band& band) {
    const int64_t pooled = band.first * band.pw * s.o;
    const Sorted sorted = sort_by_place(band, dy + pooled, index + pooled);
    add_filters(band, sorted, weight, sums + 2 * band.first * s.stride_h * band.row);
  });
  std::fill_n(dx, s.h * s.w * s.c, 0.f);
  all.for_each_shared_row(
      [&](int64_t from, int64_t to, int64_t count) { std::copy_n(sums + from, count, dx + to); });
}

}  // namespace

bool conv2d_pool_backward_weight_by_windows(const Conv2dPoolShape& shape, const float* x,
                                            const float* dy, const uint8_t* index, float* dweight,
                                            float* dbias) {
  if (!serves(shape)) return false;
  const Conv2dShape& s = shape.conv;
  const int64_t across = s.kw * s.c, padded = lanes_of(across) * kLanes;
  const int64_t filters = s.o * s.kh * padded, numel = filters + lanes_of(s.o) * kLanes;
  const Cuts cuts(s, numel);
  thread_local Scratch scratch;
  float* const all = scratch.get<float>(cuts.sums * numel);
  parallel_for(cuts.sums * cuts.slices, 1, [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      const Part part = cuts.part(s, unit);
      float *const sums = all + unit / cuts.slices * numel, *const sums_bias = sums + filters;
      std::fill_n(sums + part.filter * s.kh * padded, part.filters() * s.kh * padded, 0.f);
      std::fill_n(sums_bias + part.filter, part.filters(), 0.f);
      const int64_t pooled = shape.ph() * shape.pw() * s.o;
      for (int64_t n = part.image; n < part.last_image; ++n)
        for_each_band(shape, [&](const Band& band) {
          add_band(band, part, x + n * s.h * s.w * s.c, dy + n * pooled, index + n * pooled, sums,
                   dbias ? sums_bias : nullptr);
        });
    }
  });
  const auto total = [&](int64_t at, int64_t count, float* to) {
    std::copy_n(all + at, count, to);
    for (int64_t sum = 1; sum < cuts.sums; ++sum) {
      const float* const more = all + sum * numel + at;
      vectorised([=] { each_lane(count, [=](int64_t i) { to[i] += more[i]; }); });
    }
  };
  parallel_for(s.o * s.kh, grain_units(cuts.sums * across), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) total(row * padded, across, dweight + row * across);
  });
  if (dbias) total(filters, s.o, dbias);
  return true;
}

bool conv2d_pool_backward_input_by_windows(const Conv2dPoolShape& shape, const float* dy,
                                           const uint8_t* index, const float* weight, float* dx) {
  // An image is one thread's; lanes behind a filter's row would be those of the next; and where
  // filters are small or few, sorting costs more than it saves.
  constexpr int64_t kLeastImages = 8, kLeastLanes = 512;
  const Conv2dShape& s = shape.conv;
  const int64_t across = s.kw * s.c;
  if (!serves(shape) || s.n < kLeastImages || across % kLanes != 0 ||
      s.o * s.kh * lanes_of(across) < kLeastLanes)
    return false;
  const int64_t pooled = shape.ph() * shape.pw() * s.o, image = s.h * s.w * s.c;
  parallel_for(s.n, 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n)
      input_gradient(shape, dy + n * pooled, index + n * pooled, weight, dx + n * image);
  });
  return true;
}

}  // namespace cuttle::kernels::cpu
