// Sorted rows against std::stable_sort, of every type, short and long.
#include <cuttle/kernels/half.h>
#include <cuttle/kernels/sort.h>

#include <algorithm>
#include <numeric>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using SortTest = KernelTest<Backend>;
TYPED_TEST_SUITE(SortTest, Backends, BackendName);

/// True if a comes before b: a NaN is larger than all.
template <class T>
bool is_before(T a, T b, bool descending) {
  if (descending) std::swap(a, b);
  return a < b || (a == a && b != b);
}

/// Few different values, so that there are equals; in floating types NaN, infinities and both
/// zeros.
template <class T>
HostArray<T> ties(size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_int_distribution<int> value(-60, 60);
  HostArray<T> values(size);
  for (size_t i = 0; i < size; ++i) {
    const int v = value(generator);
    if constexpr (is_floating<T>) {
      const float special = v == 60 ? NAN : v == 59 ? INFINITY : v == 58 ? -INFINITY : -0.0f;
      values[i] = v > 56 ? T(special) : T(static_cast<float>(v) / 4);
    } else if constexpr (std::is_same_v<T, bool>) {
      values[i] = v > 0;
    } else {
      values[i] = static_cast<T>(std::is_signed_v<T> ? v : v + 60);
      if (v == 60) values[i] = std::numeric_limits<T>::max();
      if (v == -60) values[i] = std::numeric_limits<T>::min();
    }
  }
  return values;
}

template <class T>
auto bits_of(const HostArray<T>& values) {
  std::vector<unsigned char> bytes(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <class T, class Backend>
void check_sort(const KernelTest<Backend>& test, int64_t rows, int64_t length,
                const HostArray<T>& values) {
  for (const bool descending : {false, true}) {
    auto x = test.template upload<T>(values);
    auto sorted = test.template unset<T>(values.size());
    auto places = test.template unset<int64_t>(values.size());
    sort_rows<T>(test.stream, descending, rows, length, x.data(), sorted.data(), places.data());
    std::vector<int64_t> expected(values.size());
    HostArray<T> in_order(values.size());
    for (int64_t row = 0; row < rows; ++row) {
      const auto begin = expected.begin() + row * length;
      std::iota(begin, begin + length, 0);
      const auto* const from = values.data() + row * length;
      std::stable_sort(begin, begin + length, [&](int64_t a, int64_t b) {
        return is_before<T>(static_cast<T>(from[a]), static_cast<T>(from[b]), descending);
      });
      for (int64_t i = 0; i < length; ++i)
        in_order[static_cast<size_t>(row * length + i)] = from[begin[i]];
    }
    ASSERT_EQ(places.to_host(), expected) << rows << " x " << length << (descending ? " down" : "");
    ASSERT_EQ(bits_of<T>(sorted.to_host()), bits_of<T>(in_order)) << rows << " x " << length;
  }
}

template <class T, class Backend>
void check_sizes(const KernelTest<Backend>& test) {
  for (const int64_t length : {0, 1, 2, 31, 33, 1025, 2048, 2049, 5000})
    for (const int64_t rows : {0, 1, 3})
      check_sort<T>(test, rows, length, ties<T>(static_cast<size_t>(rows * length), 1));
  check_sort<T>(test, 70, 33, ties<T>(70 * 33, 2));  // several blocks of several rows
  check_sort<T>(test, 700, 5, ties<T>(700 * 5, 3));
}

TYPED_TEST(SortTest, FloatingTypesFollowTheOracle) {
  check_sizes<float>(*this);
  check_sizes<double>(*this);
  check_sizes<Half>(*this);
  check_sizes<BFloat16>(*this);
}

TYPED_TEST(SortTest, IntegersFollowTheOracle) {
  check_sizes<int64_t>(*this);
  check_sizes<int32_t>(*this);
  check_sizes<int16_t>(*this);
  check_sizes<int8_t>(*this);
  check_sizes<uint8_t>(*this);
  check_sizes<bool>(*this);
}

TYPED_TEST(SortTest, LongRowsOfManyDifferentKeys) {
  check_sort<float>(*this, 1, 70001, random_values<float>(70001, 4, -1e6, 1e6));
  check_sort<double>(*this, 2, 9000, random_values<double>(18000, 5, -1e300, 1e300));
  check_sort<int64_t>(*this, 1, 9000, random_values<int64_t>(9000, 6, -9e18, 9e18));
  check_sort<int32_t>(*this, 3, 4097, random_values<int32_t>(3 * 4097, 7, -2e9, 2e9));
}

}  // namespace
}  // namespace cuttle::test
