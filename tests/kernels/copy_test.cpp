// fill, arange and the converting copy.
#include <cuttle/kernels/copy.h>
#include <cuttle/kernels/fill.h>

#include <limits>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using CopyTest = KernelTest<Backend>;
TYPED_TEST_SUITE(CopyTest, Backends, BackendName);

template <class T, class Backend>
void check_fill(const KernelTest<Backend>& test) {
  for (int64_t n : kSizes) {
    auto out = test.template unset<T>(n);
    fill<T>(test.stream, {1, {n}, {{1}}}, T(1), out.data());
    for (auto value : out.to_host()) ASSERT_EQ(value, T(1)) << n;
  }
}

TYPED_TEST(CopyTest, FillWritesEveryElementOfEveryType) {
  check_fill<float>(*this);
  check_fill<double>(*this);
  check_fill<int64_t>(*this);
  check_fill<int32_t>(*this);
  check_fill<uint8_t>(*this);
  check_fill<bool>(*this);
}

TYPED_TEST(CopyTest, FillOfAViewLeavesTheRest) {
  auto out = this->template upload<int32_t>(std::vector<int32_t>(60, 7));
  fill<int32_t>(this->stream, {2, {3, 5}, {{20, 2}}}, 9, out.data());
  const auto result = out.to_host();
  for (int i = 0; i < 60; ++i) {
    const bool inside = i % 20 < 10 && i % 2 == 0;
    EXPECT_EQ(result[i], inside ? 9 : 7) << i;
  }
}

TYPED_TEST(CopyTest, OneIsThereFromTheStart) {
  auto out = this->template unset<double>(1);
  const kernels::StridedLoop<2> loop{1, {1}, {{1}, {1}}};
  copy<double, double>(this->stream, loop, one<double>(this->stream), out.data());
  EXPECT_EQ(out.to_host(), std::vector<double>{1});
  copy<float, double>(this->stream, loop, one<float>(this->stream), out.data());
  EXPECT_EQ(out.to_host(), std::vector<double>{1});
}

template <class T, class Backend>
void check_arange(const KernelTest<Backend>& test, T start, T step) {
  for (int64_t n : {0, 1, 31, 33, 200}) {
    auto out = test.template unset<T>(n);
    arange<T>(test.stream, start, step, n, out.data());
    const auto result = out.to_host();
    for (int64_t i = 0; i < n; ++i)
      ASSERT_EQ(result[i], static_cast<T>(static_cast<double>(start) + i * double(step))) << i;
  }
}

TYPED_TEST(CopyTest, ArangeCountsInEveryType) {
  check_arange<float>(*this, 0.5f, 0.25f);
  check_arange<double>(*this, -1, 0.1);
  check_arange<int64_t>(*this, -7, 3);
  check_arange<int32_t>(*this, 5, -2);
  check_arange<uint8_t>(*this, 3, 1);
}

template <class In, class Out, class Backend>
void check_conversion(const KernelTest<Backend>& test) {
  for (int64_t n : {0, 1, 33, 1025}) {
    HostArray<In> values;
    for (int64_t i = 0; i < n; ++i)  // fractions where the type has them; 0 and others for bool
      values.push_back(
          static_cast<In>(std::is_same_v<In, bool> ? double(i % 3 != 0) : double(i % 100) * 0.75));
    auto x = test.template upload<In>(values);
    auto out = test.template unset<Out>(n);
    copy<In, Out>(test.stream, {1, {n}, {{1}, {1}}}, x.data(), out.data());
    const auto result = out.to_host();
    for (int64_t i = 0; i < n; ++i)
      ASSERT_EQ(static_cast<Out>(result[i]), static_cast<Out>(static_cast<In>(values[i])))
          << i << " of " << n;
  }
}

template <class In, class Backend>
void check_conversions_from(const KernelTest<Backend>& test) {
  check_conversion<In, float>(test);
  check_conversion<In, double>(test);
  check_conversion<In, int64_t>(test);
  check_conversion<In, int32_t>(test);
  check_conversion<In, uint8_t>(test);
  check_conversion<In, bool>(test);
}

TYPED_TEST(CopyTest, ConvertsBetweenAllTypes) {
  check_conversions_from<float>(*this);
  check_conversions_from<double>(*this);
  check_conversions_from<int64_t>(*this);
  check_conversions_from<int32_t>(*this);
  check_conversions_from<uint8_t>(*this);
  check_conversions_from<bool>(*this);
}

TYPED_TEST(CopyTest, ValuesOutOfRangeBecomeTheNearestEnd) {
  auto x = this->template upload<float>({1e30f, -1e30f, NAN, -1.5f, 2147483520.0f});
  auto to_int = this->template unset<int32_t>(5);
  auto to_byte = this->template unset<uint8_t>(5);
  const StridedLoop<2> loop = {1, {5}, {{1}, {1}}};
  copy<float, int32_t>(this->stream, loop, x.data(), to_int.data());
  copy<float, uint8_t>(this->stream, loop, x.data(), to_byte.data());
  using Limits = std::numeric_limits<int32_t>;
  EXPECT_EQ(to_int.to_host(),
            (std::vector<int32_t>{Limits::max(), Limits::min(), 0, -1, 2147483520}));
  EXPECT_EQ(to_byte.to_host(), (std::vector<uint8_t>{255, 0, 0, 0, 255}));
}

/// (n, c, pixels) to (n, pixels, c) and back, `skip` elements into the memory.
template <class T, class Backend>
void check_layouts(const KernelTest<Backend>& test, int64_t n, int64_t c, int64_t pixels,
                   int64_t skip) {
  const StridedLoop<2> to_last = {3, {n, pixels, c}, {{c * pixels, 1, pixels}, {c * pixels, c, 1}}};
  const StridedLoop<2> to_first = {
      3, {n, c, pixels}, {{c * pixels, 1, c}, {c * pixels, pixels, 1}}};
  const int64_t numel = n * c * pixels;
  HostArray<T> values;
  for (auto value : random_values<double>(skip + numel, 1, 0, 200))
    values.push_back(static_cast<T>(std::is_same_v<T, bool> ? value > 100 : value));
  auto x = test.template upload<T>(values);
  auto out = test.template unset<T>(skip + numel);
  for (const StridedLoop<2>& loop : {to_last, to_first}) {
    copy<T, T>(test.stream, loop, x.data() + skip, out.data() + skip);
    const auto result = out.to_host();
    for_each_element(loop, [&](const int64_t* at) {
      ASSERT_EQ(result[skip + at[1]], values[skip + at[0]])
          << n << ", " << c << ", " << pixels << " from " << skip;
    });
  }
}

TYPED_TEST(CopyTest, PermutesImageBatchesToChannelsLastAndBack) {
  const int64_t shapes[][3] = {{3, 5, 231},  {2, 3, 1024}, {5, 3, 400},  {2, 64, 64},  {1, 132, 68},
                               {3, 4, 1028}, {2, 33, 31},  {2, 1025, 2}, {1, 100, 65}, {4, 8, 36}};
  for (const auto& [n, c, pixels] : shapes) {
    check_layouts<float>(*this, n, c, pixels, 0);
    check_layouts<uint8_t>(*this, n, c, pixels, 0);
  }
  check_layouts<float>(*this, 2, 64, 64, 1);
  check_layouts<double>(*this, 2, 34, 66, 0);
  check_layouts<int64_t>(*this, 2, 3, 700, 0);
  check_layouts<int32_t>(*this, 1, 64, 20, 0);
  check_layouts<bool>(*this, 1, 64, 20, 0);
  check_layouts<float>(*this, 2, 1028, 1024, 0);  // enough of it for the largest tiles and more
  check_layouts<float>(*this, 2, 1027, 1021, 0);
}

// A window of channels-last images, whose planes are not dense.
TYPED_TEST(CopyTest, PermutesAWindow) {
  // (image, channel, row, column) of 2 × 24 × 6 × 20, out of images of 10 × 30, into rows of 24
  const StridedLoop<2> permuted = {4, {2, 24, 6, 20}, {{7200, 1, 720, 24}, {24 * 160, 160, 24, 1}}};
  const auto values = random_values<float>(extent(permuted, 0), 2);
  auto x = this->template upload<float>(values);
  auto out = this->template upload<float>(std::vector<float>(extent(permuted, 1), 7));
  copy<float, float>(this->stream, permuted, x.data(), out.data());
  std::vector<float> expected(extent(permuted, 1), 7);
  for_each_element(permuted, [&](const int64_t* at) { expected[at[1]] = values[at[0]]; });
  EXPECT_EQ(out.to_host(), expected);
}

TYPED_TEST(CopyTest, WalksEightDimensionsWithABroadcast) {
  StridedLoop<2> loop = {8, {2, 1, 3, 2, 2, 1, 3, 5}, {}};
  make_dense(loop, 1);
  const int64_t strides[] = {90, 0, 0, 30, 15, 7, 5, 1};
  for (int d = 0; d < 8; ++d) loop.strides[0][d] = strides[d];
  const auto values = random_values<double>(extent(loop, 0), 2);
  auto x = this->template upload<double>(values);
  auto out = this->template unset<double>(loop.numel());
  copy<double, double>(this->stream, loop, x.data(), out.data());
  const auto result = out.to_host();
  for_each_element(loop, [&](const int64_t* at) { ASSERT_EQ(result[at[1]], values[at[0]]); });
}

template <class T, class Backend>
void check_linspace(const KernelTest<Backend>& test) {
  for (const int64_t n : {0, 1, 2, 31, 33, 1025}) {
    const double start = -3, end = 50,
                 step = n > 1 ? (end - start) / static_cast<double>(n - 1) : 0;
    auto out = test.template unset<T>(static_cast<size_t>(n));
    linspace<T>(test.stream, start, end, step, n, out.data());
    const auto result = out.to_host();
    for (int64_t i = 0; i < n; ++i) {
      const double at = i < n / 2 ? start + static_cast<double>(i) * step
                                  : end - static_cast<double>(n - 1 - i) * step;
      ASSERT_EQ(static_cast<double>(result[i]), static_cast<double>(static_cast<T>(at))) << i;
    }
  }
}

TYPED_TEST(CopyTest, LinspaceCountsFromBothEnds) {
  check_linspace<float>(*this);
  check_linspace<double>(*this);
  check_linspace<Half>(*this);
  check_linspace<int64_t>(*this);
  check_linspace<int16_t>(*this);
}

}  // namespace
}  // namespace cuttle::test
