// Index maps against loops that read one element after the other: each map at all sizes, several
// dimensions, strides, bands, and the adjoint.
#include <cuttle/kernels/remap.h>

#include <algorithm>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using RemapTest = KernelTest<Backend>;
TYPED_TEST_SUITE(RemapTest, Backends, BackendName);

/// Which element index i reads: the sequence of the dimension continued as the map says. −1: none.
int64_t read_by(const RemapDim& dim, int64_t i) {
  const int64_t n = dim.size, at = i + dim.offset;
  switch (dim.map) {
    case IndexMap::window:
      return at < 0 || at >= n ? -1 : at;
    case IndexMap::clamp:
      return std::min(std::max<int64_t>(at, 0), n - 1);
    case IndexMap::wrap:
      return (at % n + n) % n;
    case IndexMap::mirror: {
      const int64_t period = std::max<int64_t>(1, 2 * (n - 1)),
                    folded = (at % period + period) % period;
      return std::min(folded, period - folded);
    }
    case IndexMap::reverse:
      return n - 1 - i;
  }
  return -1;
}

size_t extent_of(const Remap& map, bool of_result) {
  int64_t last = 0;
  for (int d = 0; d < map.rank; ++d) {
    const RemapDim& dim = map.dims[d];
    const int64_t size = of_result ? dim.out_size : dim.size;
    if (size == 0) return 0;
    last += (size - 1) * (of_result ? dim.out_stride : dim.stride);
  }
  return static_cast<size_t>(last + 1);
}

/// Calls f(place in the result, place in x or −1) for each element of the result, in row-major
/// order.
template <class F>
void for_each(const Remap& map, F f) {
  for (int64_t i = 0; i < map.out_numel(); ++i) {
    int64_t at[kMaxRank] = {}, to = 0, from = 0, rest = i;
    bool kept = true;
    for (int d = map.rank - 1; d >= 0; --d) {
      const RemapDim& dim = map.dims[d];
      at[d] = rest % dim.out_size;
      rest /= dim.out_size;
      const int64_t s = read_by(dim, at[d]);
      kept = kept && s >= 0;
      to += at[d] * dim.out_stride;
      from += s * dim.stride;
    }
    if (map.row >= 0) {
      const int64_t place = at[map.column] - at[map.row];
      kept = kept && place >= map.low && place <= map.high;
    }
    f(static_cast<size_t>(to), kept ? from : -1);
  }
}

template <class T, class Backend>
void check_forward(const KernelTest<Backend>& test, const Remap& map) {
  std::vector<T> values;
  for (size_t i = 0; i < extent_of(map, false); ++i) values.push_back(static_cast<T>(i * 7 + 1));
  auto x = test.template upload<T>(values);
  const T untouched = static_cast<T>(0xaaaaaaaaaaaaaaaa), outside = 200;
  std::vector<T> expected(extent_of(map, true), untouched);
  auto out = test.template upload<T>(expected);
  remap<T>(test.stream, map, x.data(), outside, out.data());
  for_each(map, [&](size_t to, int64_t from) {
    expected[to] = from < 0 ? outside : values[static_cast<size_t>(from)];
  });
  EXPECT_EQ(out.to_host(), expected);
}

template <class T, class Backend>
void check_backward(const KernelTest<Backend>& test, const Remap& map) {
  const auto values = random_values<T>(extent_of(map, true), 3);
  auto dy = test.template upload<T>(values);
  std::vector<T> before(extent_of(map, false), T(77));
  auto dx = test.template upload<T>(before);
  remap_backward<T>(test.stream, map, dy.data(), dx.data());
  std::vector<double> expected(before.begin(), before.end());
  Remap identity = map;  // every element of x once, to know which are written
  for (int d = 0; d < map.rank; ++d) {
    identity.dims[d] = {IndexMap::window, 0,
                        map.dims[d].size, map.dims[d].stride,
                        map.dims[d].size, map.dims[d].stride};
  }
  identity.row = identity.column = -1;
  for_each(identity, [&](size_t to, int64_t) { expected[to] = 0; });
  for_each(map, [&](size_t from, int64_t to) {
    if (to >= 0) expected[static_cast<size_t>(to)] += static_cast<double>(values[from]);
  });
  const double readers = static_cast<double>(map.out_numel() + 1);
  expect_close(dx.to_host(), expected, kEpsilon<T> * std::min(readers, 3000.0), 1e-6, "dx");
}

template <class Backend>
void check(const KernelTest<Backend>& test, const Remap& map) {
  check_forward<uint32_t>(test, map);
  check_backward<float>(test, map);
  check_backward<double>(test, map);
}

/// Row-major strides for both sides.
Remap dense(std::vector<RemapDim> dims) {
  Remap map;
  map.rank = static_cast<int>(dims.size());
  int64_t stride = 1, out_stride = 1;
  for (int d = map.rank - 1; d >= 0; --d) {
    RemapDim dim = dims[static_cast<size_t>(d)];
    dim.stride = stride;
    dim.out_stride = out_stride;
    stride *= dim.size;
    out_stride *= dim.out_size;
    map.dims[d] = dim;
  }
  return map;
}

/// So many elements more (or fewer) before and behind.
RemapDim padded(IndexMap map, int64_t size, int64_t before, int64_t behind) {
  return {map, -before, size, 0, size + before + behind, 0};
}

TYPED_TEST(RemapTest, EachMapAtAllSizes) {
  for (const int64_t n : kSizes) {
    check(*this, dense({{IndexMap::reverse, 0, n, 0, n, 0}}));
    for (const auto& [before, behind] : std::vector<std::pair<int64_t, int64_t>>{
             {0, 0}, {1, 0}, {0, 1}, {2, 3}, {-1, 2}, {2, -1}, {-3, -4}}) {
      if (n + before + behind < 0) continue;
      check(*this, dense({padded(IndexMap::window, n, before, behind)}));
      if (n == 0) continue;
      check(*this, dense({padded(IndexMap::clamp, n, before, behind)}));
      if (std::max(before, behind) < n)
        check(*this, dense({padded(IndexMap::mirror, n, before, behind)}));
      if (std::max(before, behind) <= n)
        check(*this, dense({padded(IndexMap::wrap, n, before, behind)}));
    }
    if (n == 0) continue;
    check(*this, dense({padded(IndexMap::clamp, n, 70, 90)}));
    check(*this, dense({padded(IndexMap::wrap, n, n, n)}));
    check(*this, dense({padded(IndexMap::mirror, n, n - 1, n - 1)}));
    check(*this, dense({padded(IndexMap::window, n, 5000, -n)}));
    check(*this, dense({{IndexMap::wrap, -(n / 3), n, 0, n, 0}}));
  }
}

TYPED_TEST(RemapTest, SeveralDimensionsAtOnce) {
  check(*this, dense({padded(IndexMap::mirror, 5, 2, 4), padded(IndexMap::wrap, 3, 3, 2),
                      padded(IndexMap::clamp, 7, 2, 0)}));
  check(*this, dense({padded(IndexMap::clamp, 2, 3, 3),
                      {IndexMap::reverse, 0, 33, 0, 33, 0},
                      padded(IndexMap::window, 4, 1, -2),
                      padded(IndexMap::window, 3, 0, 0)}));
  std::vector<RemapDim> eight(8, padded(IndexMap::mirror, 2, 1, 0));
  eight[3] = padded(IndexMap::clamp, 1, 1, 1);
  check(*this, dense(eight));
  check(*this, dense({padded(IndexMap::window, 0, 2, 1), padded(IndexMap::window, 3, 1, 1)}));
  check(*this, dense({padded(IndexMap::window, 3, -3, 0), padded(IndexMap::window, 3, 1, 1)}));
}

TYPED_TEST(RemapTest, StridesOfBothSides) {
  Remap map = dense({padded(IndexMap::mirror, 4, 1, 2), padded(IndexMap::wrap, 33, 5, 1)});
  map.dims[0].stride = 1;  // x transposed, with gaps
  map.dims[1].stride = 9;
  check(*this, map);
  map.dims[0].out_stride = 120;  // rows of the result with gaps
  map.dims[1].out_stride = 3;
  check(*this, map);
  Remap repeated = dense({padded(IndexMap::window, 3, 1, 1), padded(IndexMap::window, 5, 0, 2)});
  repeated.dims[0].stride = 0;  // an expanded x: read only
  check_forward<uint64_t>(*this, repeated);
}

TYPED_TEST(RemapTest, Bands) {
  for (const auto& [rows, columns] :
       std::vector<std::pair<int64_t, int64_t>>{{3, 3}, {1, 1}, {33, 31}, {2, 1025}, {1025, 2}})
    for (const int64_t diagonal : {-2000, -2, 0, 1, 40, 2000})
      for (const bool transposed : {false, true})
        for (const bool upper : {false, true}) {
          const RemapDim row = padded(IndexMap::window, rows, 0, 0);
          const RemapDim column = padded(IndexMap::window, columns, 0, 0);
          const RemapDim batch = padded(IndexMap::window, 2, 0, 0);
          Remap map = transposed ? dense({batch, column, row}) : dense({batch, row, column});
          map.row = transposed ? 2 : 1;
          map.column = transposed ? 1 : 2;
          map.low = upper ? diagonal : -4000;
          map.high = upper ? 4000 : diagonal;
          check_forward<uint32_t>(*this, map);
          check_backward<double>(*this, map);
        }
  Remap inner = dense({padded(IndexMap::window, 3, 0, 0), padded(IndexMap::window, 3, 0, 0),
                       padded(IndexMap::reverse, 4, 0, 0)});
  inner.row = 0;  // neither is the innermost
  inner.column = 1;
  inner.high = 1;
  check(*this, inner);
}

TYPED_TEST(RemapTest, ElementsOfEachSize) {
  const Remap map = dense({padded(IndexMap::window, 31, 2, 2), padded(IndexMap::wrap, 33, 3, 5)});
  check_forward<uint8_t>(*this, map);
  check_forward<uint16_t>(*this, map);
  check_forward<uint32_t>(*this, map);
  check_forward<uint64_t>(*this, map);
}

TYPED_TEST(RemapTest, TheSameBitsEachTime) {
  const Remap map =
      dense({padded(IndexMap::clamp, 9, 50, 60), padded(IndexMap::mirror, 40, 39, 39)});
  const auto values = random_values<float>(extent_of(map, true), 5);
  auto dy = this->template upload<float>(values);
  auto first = this->template unset<float>(extent_of(map, false));
  auto second = this->template unset<float>(extent_of(map, false));
  remap_backward<float>(this->stream, map, dy.data(), first.data());
  remap_backward<float>(this->stream, map, dy.data(), second.data());
  EXPECT_EQ(first.to_host(), second.to_host());
}

}  // namespace
}  // namespace cuttle::test
