// Elements moved by index maps on the CPU, row by row. See kernels/remap.h.
#include "../remap.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "parallel.h"

namespace cuttle::kernels {
namespace {

/// −1: none.
int64_t source(const RemapDim& dim, int64_t i) {
  const int64_t at = i + dim.offset, last = dim.size - 1;
  switch (dim.map) {
    case IndexMap::window:
      return at >= 0 && at <= last ? at : -1;
    case IndexMap::clamp:
      return std::clamp<int64_t>(at, 0, last);
    case IndexMap::wrap:
      return at < 0 ? at + dim.size : at > last ? at - dim.size : at;
    case IndexMap::mirror:
      return at < 0 ? -at : at > last ? 2 * last - at : at;
    case IndexMap::reverse:
      return last - i;
  }
  return -1;
}

/// The indices [begin, end) of the innermost dimension that have a source.
struct Range {
  int64_t begin, end;
};

/// `at` holds the indices of the outer dimensions.
Range kept_range(const Remap& map, const int64_t* at) {
  const int inner = map.rank - 1;
  const RemapDim& dim = map.dims[inner];
  Range kept = {0, dim.out_size};
  const auto limit = [&](int64_t begin, int64_t end) {
    kept.begin = std::min(std::max(kept.begin, begin), dim.out_size);
    kept.end = std::max(kept.begin, std::min(kept.end, end));
  };
  if (dim.map == IndexMap::window) limit(-dim.offset, dim.size - dim.offset);
  if (map.row < 0) return kept;
  if (map.column == inner)
    limit(at[map.row] + map.low, at[map.row] + map.high + 1);
  else if (map.row == inner)
    limit(at[map.column] - map.high, at[map.column] - map.low + 1);
  else if (const int64_t place = at[map.column] - at[map.row]; place < map.low || place > map.high)
    kept.end = kept.begin;
  return kept;
}

/// The map of the innermost dimension as a function, chosen outside of the loop over a row.
template <class Body>
void with_source(const RemapDim& dim, const Body& body) {
  switch (dim.map) {
    case IndexMap::window:
      return body([shift = dim.offset](int64_t i) { return i + shift; });
    case IndexMap::reverse:
      return body([last = dim.size - 1](int64_t i) { return last - i; });
    default:
      return body([&dim](int64_t i) { return source(dim, i); });
  }
}

template <class T>
void move_row(const Remap& map, const int64_t* at, const T* x, T value, T* out) {
  const RemapDim& dim = map.dims[map.rank - 1];
  const Range kept = x != nullptr ? kept_range(map, at) : Range{0, 0};
  const auto fill = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) out[i * dim.out_stride] = value;
  };
  fill(0, kept.begin);
  fill(kept.end, dim.out_size);
  if (kept.begin == kept.end) return;
  if (dim.map == IndexMap::window && dim.stride == 1 && dim.out_stride == 1) {
    std::copy(x + kept.begin + dim.offset, x + kept.end + dim.offset, out + kept.begin);
    return;
  }
  with_source(dim, [&](const auto& from) {
    for (int64_t i = kept.begin; i < kept.end; ++i)
      out[i * dim.out_stride] = x[from(i) * dim.stride];
  });
}

/// Which indices of the result read each index of a dimension, in rising order.
struct Readers {
  explicit Readers(const RemapDim& dim) : starts(static_cast<size_t>(dim.size) + 1) {
    std::vector<int64_t> sources;
    for (int64_t i = 0; i < dim.out_size; ++i) {
      sources.push_back(source(dim, i));
      if (sources.back() >= 0) ++starts[static_cast<size_t>(sources.back()) + 1];
    }
    for (size_t s = 1; s < starts.size(); ++s) starts[s] += starts[s - 1];
    readers.resize(static_cast<size_t>(starts.back()));
    std::vector<int64_t> next(starts.begin(), starts.end() - 1);
    for (int64_t i = 0; i < dim.out_size; ++i) {
      const int64_t s = sources[static_cast<size_t>(i)];
      if (s >= 0) readers[static_cast<size_t>(next[static_cast<size_t>(s)]++)] = i;
    }
  }
  int64_t count(int64_t s) const { return starts[static_cast<size_t>(s) + 1] - first(s); }
  int64_t nth(int64_t s, int64_t k) const { return readers[static_cast<size_t>(first(s) + k)]; }

 private:
  int64_t first(int64_t s) const { return starts[static_cast<size_t>(s)]; }

  std::vector<int64_t> starts, readers;
};

/// sums[s] = Σ dy over the elements that read element s of the row of x with outer indices `s_at`.
template <class T, class Sum>
void add_row(const Remap& map, const std::vector<Readers>& readers, const int64_t* s_at,
             const T* dy, Sum* sums) {
  const int inner = map.rank - 1;
  const RemapDim& dim = map.dims[inner];
  std::fill_n(sums, dim.size, Sum(0));
  int64_t rows = 1;  // of the result, that read this one
  for (int d = 0; d < inner; ++d) rows *= readers[static_cast<size_t>(d)].count(s_at[d]);
  for (int64_t row = 0; row < rows; ++row) {
    int64_t at[kMaxRank] = {}, from = 0, rest = row;
    for (int d = inner - 1; d >= 0; --d) {
      const Readers& own = readers[static_cast<size_t>(d)];
      const int64_t count = own.count(s_at[d]);
      at[d] = own.nth(s_at[d], rest % count);
      rest /= count;
      from += at[d] * map.dims[d].out_stride;
    }
    const Range kept = kept_range(map, at);
    with_source(dim, [&](const auto& to) {
      for (int64_t i = kept.begin; i < kept.end; ++i)
        sums[to(i)] += static_cast<Sum>(dy[from + i * dim.out_stride]);
    });
  }
}

}  // namespace

template <class T>
void remap(cpu::Stream, const Remap& map, const T* x, T value, T* out) {
  const int64_t n = map.out_numel(), length = map.dims[map.rank - 1].out_size;
  if (n == 0) return;
  cpu::parallel_for(n / length, cpu::grain_units(length), [&](int64_t begin, int64_t end) {
    for (int64_t unit = begin; unit < end; ++unit) {
      int64_t at[kMaxRank] = {}, from = 0, to = 0, rest = unit;
      bool has_source = map.numel() > 0;
      for (int d = map.rank - 2; d >= 0; --d) {
        const RemapDim& dim = map.dims[d];
        at[d] = rest % dim.out_size;
        rest /= dim.out_size;
        const int64_t s = source(dim, at[d]);
        has_source = has_source && s >= 0;
        from += s * dim.stride;
        to += at[d] * dim.out_stride;
      }
      move_row<T>(map, at, has_source ? x + from : nullptr, value, out + to);
    }
  });
}

template <class T>
void remap_backward(cpu::Stream, const Remap& map, const T* dy, T* dx) {
  using Sum = std::conditional_t<sizeof(T) == 8, double, float>;
  const RemapDim& inner = map.dims[map.rank - 1];
  const int64_t n = map.numel();
  if (n == 0) return;
  std::vector<Readers> readers;
  for (int d = 0; d < map.rank - 1; ++d) readers.emplace_back(map.dims[d]);
  cpu::parallel_for(n / inner.size, cpu::grain_units(inner.size), [&](int64_t begin, int64_t end) {
    thread_local cpu::Scratch scratch;
    Sum* const sums = scratch.get<Sum>(inner.size);
    for (int64_t unit = begin; unit < end; ++unit) {
      int64_t at[kMaxRank] = {}, to = 0, rest = unit;
      for (int d = map.rank - 2; d >= 0; --d) {
        at[d] = rest % map.dims[d].size;
        rest /= map.dims[d].size;
        to += at[d] * map.dims[d].stride;
      }
      add_row(map, readers, at, dy, sums);
      for (int64_t s = 0; s < inner.size; ++s) dx[to + s * inner.stride] = static_cast<T>(sums[s]);
    }
  });
}

template void remap(cpu::Stream, const Remap&, const uint8_t*, uint8_t, uint8_t*);
template void remap(cpu::Stream, const Remap&, const uint16_t*, uint16_t, uint16_t*);
template void remap(cpu::Stream, const Remap&, const uint32_t*, uint32_t, uint32_t*);
template void remap(cpu::Stream, const Remap&, const uint64_t*, uint64_t, uint64_t*);
template void remap_backward(cpu::Stream, const Remap&, const float*, float*);
template void remap_backward(cpu::Stream, const Remap&, const double*, double*);
template void remap_backward(cpu::Stream, const Remap&, const Half*, Half*);
template void remap_backward(cpu::Stream, const Remap&, const BFloat16*, BFloat16*);

}  // namespace cuttle::kernels
