// Resampling on the CPU, channels last: the weights of each dimension are tabled once, then every
// output is written once, all of its channels together.
#include "../resample.h"

#include <vector>

#include "../resample_axis.h"
#include "parallel.h"

namespace cuttle::kernels {
namespace {

/// The sources of every result along one dimension, those with a weight.
template <class T>
struct Table {
  struct Entry {
    int64_t begin, end;  // of its sources in the lists
    T divisor;
  };
  template <class Walk>
  Table(const Walk& walk, int64_t results) {
    for (int to = 0; to < results; ++to) {
      const auto begin = static_cast<int64_t>(source.size());
      const resampling::Range range = walk.sources(to);
      for (int from = range.first; from <= range.last; ++from) {
        const T w = walk.weight(to, from);
        if (w == T(0)) continue;
        source.push_back(from);
        weight.push_back(w);
      }
      entries.push_back({begin, static_cast<int64_t>(source.size()), walk.divisor(to)});
    }
  }

  std::vector<Entry> entries;
  std::vector<int64_t> source;
  std::vector<T> weight;
};

/// to (C) = or += w · from.
template <class T>
inline void add_weighted(bool first, int64_t channels, T w, const T* from, T* to) {
  if (first) {
#pragma omp simd
    for (int64_t c = 0; c < channels; ++c) to[c] = w * from[c];
  } else {
#pragma omp simd
    for (int64_t c = 0; c < channels; ++c) to[c] += w * from[c];
  }
}

/// One row of results: `image` (H, W, C) is what it is made from, `to` (results, C).
template <class T>
void resample_row(const Table<T>& rows, const Table<T>& cols, int64_t row, int64_t width,
                  int64_t channels, const T* image, T* to) {
  const auto& r = rows.entries[static_cast<size_t>(row)];
  for (const auto& s : cols.entries) {
    bool first = true;
    for (int64_t i = r.begin; i < r.end; ++i)
      for (int64_t j = s.begin; j < s.end; ++j) {
        const auto at_i = static_cast<size_t>(i), at_j = static_cast<size_t>(j);
        add_weighted(first, channels, rows.weight[at_i] * cols.weight[at_j],
                     image + (rows.source[at_i] * width + cols.source[at_j]) * channels, to);
        first = false;
      }
    const T divisor = r.divisor * s.divisor;
    if (first) {
      std::fill_n(to, channels, T(0));
    } else if (divisor != T(1)) {
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) to[c] /= divisor;
    }
    to += channels;
  }
}

template <class T>
void run(const ResampleShape& s, bool backward, const T* from, T* to) {
  const int64_t from_h = backward ? s.height.out : s.height.in;
  const int64_t from_w = backward ? s.width.out : s.width.in;
  const int64_t to_h = backward ? s.height.in : s.height.out;
  const int64_t to_w = backward ? s.width.in : s.width.out;
  if (s.n * s.c * to_h * to_w == 0) return;
  resampling::visit<T>(s, backward, [&](const auto& height, const auto& width) {
    const Table<T> rows(height, to_h), cols(width, to_w);
    const int64_t taps = static_cast<int64_t>(rows.source.size()) / to_h + 1;
    const int64_t work = taps * static_cast<int64_t>(cols.source.size() + 1) * s.c;
    cpu::parallel_for(s.n * to_h, cpu::grain_units(work), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        resample_row(rows, cols, row % to_h, from_w, s.c,
                     from + row / to_h * (from_h * from_w * s.c), to + row * to_w * s.c);
    });
  });
}

}  // namespace

template <class T>
void resample_forward(cpu::Stream, const ResampleShape& shape, const T* x, T* y) {
  run(shape, false, x, y);
}

template <class T>
void resample_backward(cpu::Stream, const ResampleShape& shape, const T* dy, T* dx) {
  run(shape, true, dy, dx);
}

#define CUTTLE_INSTANTIATE(T)                                                      \
  template void resample_forward(cpu::Stream, const ResampleShape&, const T*, T*); \
  template void resample_backward(cpu::Stream, const ResampleShape&, const T*, T*);
CUTTLE_INSTANTIATE(float)
CUTTLE_INSTANTIATE(double)

}  // namespace cuttle::kernels
