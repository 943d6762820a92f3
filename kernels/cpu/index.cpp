// Elements picked and written by index, on the CPU. See kernels/index.h. Compiled once for each
// type CUTTLE_ELEMENT (cmake/element_types.cmake).
#include "../index.h"

#include <type_traits>
#include <vector>

#include "index_place.h"
#include "strided_walk.h"

namespace cuttle::kernels {

namespace {

/// What two become, integers wrapping around.
template <IndexWrite op, class T>
T combine(T a, T b) {
  if constexpr (op == IndexWrite::maximum) {
    return a > b || a != a ? a : b;
  } else if constexpr (op == IndexWrite::minimum) {
    return a < b || a != a ? a : b;
  } else if constexpr (std::is_same_v<T, bool>) {
    return op == IndexWrite::add ? a || b : a && b;
  } else if constexpr (std::is_integral_v<T>) {
    using Wide = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
    const Wide x = static_cast<Wide>(a), y = static_cast<Wide>(b);
    return static_cast<T>(op == IndexWrite::add ? x + y : x * y);
  } else {
    return op == IndexWrite::add ? a + b : a * b;
  }
}

/// Combines `count` elements, at value + from[k], into one destination, over a row of `rest`.
template <IndexWrite op, class T>
void write_row(int64_t count, const int64_t* from, int64_t length, const T* value,
               int64_t value_stride, T* out, int64_t out_stride) {
  for (int64_t r = 0; r < length; ++r) {
    T& to = out[r * out_stride];
    if constexpr (op == IndexWrite::assign) {
      to = value[from[count - 1] + r * value_stride];
    } else {
      Compute<T> sum = to;
      for (int64_t k = 0; k < count; ++k)
        sum = combine<op, Compute<T>>(sum, value[from[k] + r * value_stride]);
      to = static_cast<T>(sum);
    }
  }
}

template <IndexWrite op, class T>
void write(const IndexWriteLoops& loops, int64_t n, int64_t beyond, const int64_t* keys,
           const int64_t* order, const T* value, T* out) {
  StridedLoop<2> outer = loops.rest;  // all but its innermost dimension
  int64_t length = 1, value_stride = 0, out_stride = 0;
  if (outer.rank > 0) {
    const int last = --outer.rank;
    length = outer.sizes[last];
    value_stride = outer.strides[0][last];
    out_stride = outer.strides[1][last];
  }
  const int64_t rows = outer.numel();
  cpu::parallel_for(n, cpu::grain_units(rows * length), [&](int64_t begin, int64_t end) {
    std::vector<int64_t> from;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t key = keys[i];
      // Whoever owns a run's first element writes the run.
      if (key >= beyond || (i > 0 && keys[i - 1] == key)) continue;
      from.clear();
      for (int64_t k = i; k < n && keys[k] == key; ++k)
        from.push_back(cpu::place_in(loops.value, 0, order != nullptr ? order[k] : k));
      const int64_t to = cpu::place_in(loops.destination, 0, key);
      cpu::walk_range(outer, 0, rows, [&](const cpu::Offsets<2>& at, int64_t) {
        write_row<op>(static_cast<int64_t>(from.size()), from.data(), length, value + at[0],
                      value_stride, out + to + at[1], out_stride);
      });
    }
  });
}

}  // namespace

template <class T>
void index_read(cpu::Stream, const StridedLoop<3>& loop, const IndexedDims& dims, const T* x,
                T* out) {
  cpu::for_each_row(loop, [&](const auto& at, int64_t n, const auto& stride) {
    if (stride[1] == 0 && n > 0) {  // one index for the whole row
      const T* const from = x + at[0] + cpu::indexed_place(dims, at[1]);
      for (int64_t i = 0; i < n; ++i) out[at[2] + i * stride[2]] = from[i * stride[0]];
      return;
    }
    for (int64_t i = 0; i < n; ++i)
      out[at[2] + i * stride[2]] =
          x[at[0] + i * stride[0] + cpu::indexed_place(dims, at[1] + i * stride[1])];
  });
}

template <class T>
void index_write(cpu::Stream, IndexWrite op, const IndexWriteLoops& loops, int64_t n,
                 int64_t beyond, const int64_t* keys, const int64_t* order, const T* value,
                 T* out) {
  switch (op) {
    case IndexWrite::assign:
      return write<IndexWrite::assign>(loops, n, beyond, keys, order, value, out);
    case IndexWrite::add:
      return write<IndexWrite::add>(loops, n, beyond, keys, order, value, out);
    case IndexWrite::multiply:
      return write<IndexWrite::multiply>(loops, n, beyond, keys, order, value, out);
    case IndexWrite::maximum:
      return write<IndexWrite::maximum>(loops, n, beyond, keys, order, value, out);
    case IndexWrite::minimum:
      return write<IndexWrite::minimum>(loops, n, beyond, keys, order, value, out);
  }
}

template <class T>
void mask_write(cpu::Stream, const StridedLoop<3>& loop, const bool* mask, const T* value, T* out) {
  cpu::for_each_row(loop, [=](const auto& at, int64_t n, const auto& stride) {
    for (int64_t i = 0; i < n; ++i)
      if (mask[at[0] + i * stride[0]]) out[at[2] + i * stride[2]] = value[at[1] + i * stride[1]];
  });
}

template void index_read(cpu::Stream, const StridedLoop<3>&, const IndexedDims&,
                         const CUTTLE_ELEMENT*, CUTTLE_ELEMENT*);
template void index_write(cpu::Stream, IndexWrite, const IndexWriteLoops&, int64_t, int64_t,
                          const int64_t*, const int64_t*, const CUTTLE_ELEMENT*, CUTTLE_ELEMENT*);
template void mask_write(cpu::Stream, const StridedLoop<3>&, const bool*, const CUTTLE_ELEMENT*,
                         CUTTLE_ELEMENT*);

}  // namespace cuttle::kernels
