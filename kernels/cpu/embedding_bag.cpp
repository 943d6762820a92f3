// Bags of rows on the CPU: a thread takes whole bags, and of the gradient whole rows of the table.
#include "../embedding_bag.h"

#include <algorithm>
#include <array>

#include "index_place.h"
#include "lane_sums.h"
#include "parallel.h"
#include "vector_level.h"

namespace cuttle::kernels {
namespace {

/// Features that are gone through at once, with their sums in the first cache.
constexpr int64_t kTile = 64;

void check_places(const BagShape& s, const int64_t* indices) {
  for (int64_t b = 0; s.offsets != nullptr && b < s.bags + (s.has_end ? 1 : 0); ++b)
    if (!s.is_offset(b))
      fail(kBagOffsets, ": index ", s.begin(b), " is out of range for dimension 0 of size ",
           s.elements);
  IndexedDims dims{.count = 1, .op = kBagIndices};
  dims.index[0] = indices, dims.size[0] = s.rows;
  cpu::parallel_for(s.elements, cpu::kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t e = begin; e < end; ++e) cpu::indexed_place(dims, e);
  });
}

/// Calls f(first feature, features) for the tiles of a row.
template <class F>
void for_each_tile(int64_t features, const F& f) {
  for (int64_t at = 0; at < features; at += kTile) f(at, std::min(kTile, features - at));
}

/// Rows that are added to a tile in one visit of its sums, one after the other.
constexpr int kAtOnce = 4;

template <class T>
struct ScaledRow {
  const T* row;
  Compute<T> scale;
  Compute<T> operator[](int64_t i) const { return scale * Compute<T>(row[i]); }
};

template <class T>
void add_rows(int64_t width, const std::array<ScaledRow<T>, kAtOnce>& rows, int count,
              Compute<T>* to) {
  const auto [a, b, c, d] = rows;
  if (count == kAtOnce)
    return cpu::each_lane(width, [=](int64_t i) { to[i] = to[i] + a[i] + b[i] + c[i] + d[i]; });
  for (int k = 0; k < count; ++k) {
    const ScaledRow<T> row = rows[size_t(k)];
    cpu::each_lane(width, [=](int64_t i) { to[i] += row[i]; });
  }
}

/// One tile of a bag's sum, times `scale`. weight and y: from the tile's first feature on.
template <class T>
void add_bag(const BagShape& s, int64_t bag, int64_t width, const int64_t* indices,
             const T* samples, Compute<T> scale, const T* weight, T* y) {
  Compute<T> sums[kTile] = {};
  std::array<ScaledRow<T>, kAtOnce> rows;
  int count = 0;
  for (int64_t e = s.begin(bag), end = s.begin(bag + 1); e < end; ++e) {
    if (indices[e] == s.padding) continue;
    rows[size_t(count++)] = {weight + indices[e] * s.features,
                             samples != nullptr ? Compute<T>(samples[e]) : Compute<T>(1)};
    if (count < kAtOnce) continue;
    add_rows(width, rows, count, sums);
    count = 0;
  }
  add_rows(width, rows, count, sums);
  const Compute<T>* const from = sums;
  cpu::each_lane(width, [=](int64_t i) { y[i] = T(from[i] * scale); });
}

template <class T>
void largest_of_bag(const BagShape& s, int64_t bag, int64_t width, const int64_t* indices,
                    const T* weight, T* y, int64_t* found) {
  std::fill_n(y, width, T(0.f));
  std::fill_n(found, width, int64_t{-1});
  for (int64_t e = s.begin(bag), end = s.begin(bag + 1); e < end; ++e) {
    if (indices[e] == s.padding) continue;
    const T* const row = weight + indices[e] * s.features;
    cpu::each_lane(width, [=](int64_t i) {
      const bool is_it = found[i] < 0 || gives_way(Compute<T>(y[i]), Compute<T>(row[i]));
      y[i] = is_it ? row[i] : y[i];
      found[i] = is_it ? e : found[i];
    });
  }
}

int64_t elements_there(const BagShape& s, int64_t bag, const int64_t* indices) {
  int64_t count = 0;
  for (int64_t e = s.begin(bag), end = s.begin(bag + 1); e < end; ++e)
    count += indices[e] != s.padding;
  return count;
}

template <class T>
void reduce_bag(const BagShape& s, int64_t bag, const int64_t* indices, const T* samples,
                const T* weight, T* y, int64_t* found) {
  Compute<T> scale = 1;
  if (s.reduction == BagReduction::mean) {
    found[bag] = elements_there(s, bag, indices);
    scale = bag_share<T>(found[bag]);
  }
  for_each_tile(s.features, [&](int64_t at, int64_t width) {
    const int64_t to = bag * s.features + at;
    if (s.reduction == BagReduction::max)
      largest_of_bag(s, bag, width, indices, weight + at, y + to, found + to);
    else
      add_bag(s, bag, width, indices, samples, scale, weight + at, y + to);
  });
}

/// The gradient of the row that keys [first, last) name.
template <class T>
void gradient_of_row(const BagShape& s, const BagGradient<T>& g, int64_t first, int64_t last,
                     T* row) {
  const Compute<T> share = g.by_frequency ? bag_share<T>(last - first) : Compute<T>(1);
  for_each_tile(s.features, [&](int64_t at, int64_t width) {
    Compute<T> sums[kTile] = {};
    Compute<T>* const to = sums;
    for (int64_t k = first; k < last; ++k) {
      const int64_t e = g.order[k], from = g.bags[e] * s.features + at;
      const T* const dy = g.dy + from;
      if (s.reduction == BagReduction::max) {
        const int64_t* const found = g.found + from;
        cpu::each_lane(
            width, [=](int64_t i) { to[i] += found[i] == e ? Compute<T>(dy[i]) : Compute<T>(0); });
      } else {
        const Compute<T> scale = g.scale(s, e);
        cpu::each_lane(width, [=](int64_t i) { to[i] += scale * Compute<T>(dy[i]); });
      }
    }
    T* const out = row + at;
    cpu::each_lane(width, [=](int64_t i) { out[i] = T(to[i] * share); });
  });
}

}  // namespace

template <class T>
void embedding_bag_forward(cpu::Stream, const BagShape& s, const int64_t* indices, const T* samples,
                           const T* weight, T* y, int64_t* found) {
  check_places(s, indices);
  const int64_t cost = s.features * (1 + s.elements / std::max<int64_t>(s.bags, 1));
  cpu::parallel_for(s.bags, cpu::grain_units(cost), [&](int64_t begin, int64_t end) {
    cpu::vectorised_of<T>([&] {
      for (int64_t bag = begin; bag < end; ++bag)
        reduce_bag(s, bag, indices, samples, weight, y, found);
    });
  });
}

void embedding_bag_elements(cpu::Stream, const BagShape& s, const int64_t* indices, int64_t* keys,
                            int64_t* bags) {
  cpu::parallel_for(s.elements, cpu::kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t e = begin; e < end; ++e) {
      const int64_t bag = s.bag_of(e);
      keys[e] = s.key(bag, indices[e]);
      bags[e] = std::max<int64_t>(bag, 0);
    }
  });
}

template <class T>
void embedding_bag_backward(cpu::Stream, const BagShape& s, const BagGradient<T>& g, T* dweight) {
  const int64_t* const keys = g.keys;
  cpu::parallel_for(s.elements, cpu::grain_units(s.features), [&](int64_t begin, int64_t end) {
    cpu::vectorised_of<T>([&] {
      for (int64_t first = begin, last; first < end; first = last) {
        for (last = first + 1; last < s.elements && keys[last] == keys[first];) ++last;
        const bool is_whole = first == 0 || keys[first - 1] != keys[first];
        if (is_whole && keys[first] < s.rows)
          gradient_of_row(s, g, first, last, dweight + keys[first] * s.features);
      }
    });
  });
}

template <class T>
void embedding_bag_backward_samples(cpu::Stream, const BagShape& s, const int64_t* keys,
                                    const int64_t* bags, const T* weight, const T* dy,
                                    T* dsamples) {
  cpu::parallel_for(s.elements, cpu::grain_units(s.features), [&](int64_t begin, int64_t end) {
    cpu::vectorised_of<T>([&] {
      for (int64_t e = begin; e < end; ++e) {
        const T* const row = weight + keys[e] * s.features;
        const T* const of_bag = dy + bags[e] * s.features;
        const int64_t features = keys[e] < s.rows ? s.features : 0;
        dsamples[e] = T(cpu::lane_sums(features, [=](int64_t i) {
          return std::array{Compute<T>(row[i]) * Compute<T>(of_bag[i])};
        })[0]);
      }
    });
  });
}

#define CUTTLE_INSTANTIATE(T)                                                                    \
  template void embedding_bag_forward(cpu::Stream, const BagShape&, const int64_t*, const T*,    \
                                      const T*, T*, int64_t*);                                   \
  template void embedding_bag_backward(cpu::Stream, const BagShape&, const BagGradient<T>&, T*); \
  template void embedding_bag_backward_samples(cpu::Stream, const BagShape&, const int64_t*,     \
                                               const int64_t*, const T*, const T*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)
CUTTLE_INSTANTIATE(Half)
CUTTLE_INSTANTIATE(BFloat16)

}  // namespace cuttle::kernels
