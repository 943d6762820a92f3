// Places of flags, elements moved along a dimension, histograms and searches, against loops.
#include <cuttle/kernels/along.h>
#include <cuttle/kernels/half.h>
#include <cuttle/kernels/histogram.h>
#include <cuttle/kernels/places.h>
#include <cuttle/kernels/search.h>

#include <algorithm>
#include <numeric>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using PlacesTest = KernelTest<Backend>;
TYPED_TEST_SUITE(PlacesTest, Backends, BackendName);

constexpr int64_t kLengths[] = {0, 1, 31, 33, 1025, 2048, 2049, 5000, 70001};

TYPED_TEST(PlacesTest, ListsWhatIsSet) {
  for (const int64_t n : kLengths)
    for (const double share : {0.0, 0.3, 1.0}) {
      std::vector<unsigned char> flags(static_cast<size_t>(n));
      std::vector<int64_t> expected;
      const auto draws = random_values<double>(flags.size(), 1, 0, 1);
      for (size_t i = 0; i < flags.size(); ++i) {
        flags[i] = draws[i] < share;
        if (flags[i]) expected.push_back(static_cast<int64_t>(i));
      }
      auto set = this->template upload<bool>(flags);
      auto ends = this->template unset<int64_t>(static_cast<size_t>(places_chunks(n)));
      count_places(this->stream, n, set.data(), ends.data());
      const auto counted = ends.to_host();
      ASSERT_EQ(counted.empty() ? 0 : counted.back(), static_cast<int64_t>(expected.size()));
      auto out = this->template unset<int64_t>(expected.size());
      list_places(this->stream, {1, {n}}, set.data(), ends.data(), out.data());
      ASSERT_EQ(out.to_host(), expected) << n;
    }
}

TYPED_TEST(PlacesTest, ListsIndicesOfEveryDimension) {
  const PlacesShape shape{3, {7, 11, 61}};
  std::vector<unsigned char> flags(7 * 11 * 61);
  std::vector<int64_t> expected;
  for (int64_t i = 0; i < shape.numel(); i += 1 + i % 5) {
    flags[static_cast<size_t>(i)] = 1;
    for (const int64_t index : {i / 671, i / 61 % 11, i % 61}) expected.push_back(index);
  }
  auto set = this->template upload<bool>(flags);
  auto ends = this->template unset<int64_t>(static_cast<size_t>(places_chunks(shape.numel())));
  auto out = this->template unset<int64_t>(expected.size());
  count_places(this->stream, shape.numel(), set.data(), ends.data());
  list_places(this->stream, shape, set.data(), ends.data(), out.data());
  EXPECT_EQ(out.to_host(), expected);
}

template <class T, class Backend>
void check_along(const KernelTest<Backend>& test, AlongShape shape) {
  shape.element_size = sizeof(T);
  const int64_t whole = shape.outer * shape.length * shape.inner;
  const auto values = random_values<T>(static_cast<size_t>(whole), 1, 0, 100);
  std::vector<int64_t> places(static_cast<size_t>(shape.numel()));
  std::vector<T> taken(places.size()), put(values.size(), T(7));
  for (int64_t o = 0; o < shape.outer; ++o)
    for (int64_t k = 0; k < shape.picks; ++k)
      for (int64_t i = 0; i < shape.inner; ++i) {
        const int64_t place = (shape.length - 1 - k + i) % shape.length;
        const auto at = static_cast<size_t>((o * shape.picks + k) * shape.inner + i);
        const auto from = static_cast<size_t>((o * shape.length + place) * shape.inner + i);
        places[at] = place;
        taken[at] = values[from];
        put[from] = values[from];
      }
  auto x = test.template upload<T>(values);
  auto where = test.template upload<int64_t>(places);
  auto out = test.template unset<T>(places.size());
  auto back = test.template upload<T>(std::vector<T>(values.size(), T(7)));
  take_along(test.stream, shape, x.data(), where.data(), out.data());
  put_along(test.stream, shape, out.data(), where.data(), back.data());
  EXPECT_EQ(out.to_host(), taken);
  EXPECT_EQ(back.to_host(), put);
}

TYPED_TEST(PlacesTest, MovesElementsThereAndBack) {
  for (const AlongShape& shape :
       {AlongShape{1, 5, 0, 3}, AlongShape{1, 1, 1, 1}, AlongShape{3, 31, 31, 33},
        AlongShape{1, 5000, 1025, 1}, AlongShape{70, 9, 4, 1}}) {
    check_along<uint8_t>(*this, shape);
    check_along<int16_t>(*this, shape);
    check_along<float>(*this, shape);
    check_along<double>(*this, shape);
  }
}

template <class T, class Backend>
void check_histogram(const KernelTest<Backend>& test, int64_t count) {
  for (const int64_t n : kLengths) {
    auto values = random_values<float>(static_cast<size_t>(n), 2, -1, 11);
    if (n > 100) values[3] = NAN, values[50] = 10, values[60] = 0;
    HostArray<T> rounded(values.size());
    for (size_t i = 0; i < values.size(); ++i) rounded[i] = T(values[i]);
    const Bins<Compute<T>> bins{0, 10, count};
    std::vector<int64_t> expected(static_cast<size_t>(count), 1);  // it adds
    for (const T value : rounded) {
      const Compute<T> v = value;
      if (!(v >= 0 && v <= 10)) continue;
      const auto bin = static_cast<size_t>(v / 10 * static_cast<Compute<T>>(count));
      ++expected[std::min(bin, expected.size() - 1)];
    }
    auto x = test.template upload<T>(rounded);
    auto counts = test.template upload<int64_t>(std::vector<int64_t>(expected.size(), 1));
    histogram<T>(test.stream, n, bins, x.data(), counts.data());
    ASSERT_EQ(counts.to_host(), expected) << n << " in " << count;
  }
}

TYPED_TEST(PlacesTest, HistogramsFollowTheOracle) {
  for (const int64_t bins : {1, 7, 9000}) {
    check_histogram<float>(*this, bins);
    check_histogram<double>(*this, bins);
    check_histogram<Half>(*this, bins);
    check_histogram<BFloat16>(*this, bins);
  }
}

TYPED_TEST(PlacesTest, WholeNumbersAreTheirOwnBins) {
  for (const int64_t bins : {3, 9000}) {
    const auto values = random_values<int64_t>(5000, 3, 0, static_cast<double>(bins));
    std::vector<int64_t> expected(static_cast<size_t>(bins));
    for (const int64_t value : values) ++expected[static_cast<size_t>(value)];
    auto x = this->template upload<int64_t>(values);
    auto counts = this->template upload<int64_t>(std::vector<int64_t>(expected.size()));
    histogram<int64_t>(this->stream, 5000, {0, bins - 1, bins}, x.data(), counts.data());
    EXPECT_EQ(counts.to_host(), expected);
  }
}

template <class T, class Backend>
void check_search(const KernelTest<Backend>& test) {
  for (const int64_t length : {0, 1, 31, 1025})
    for (const bool shared : {true, false})
      for (const bool right : {true, false}) {
        const SearchShape shape{3, 33, length, shared, right};
        auto sequences = random_values<T>(static_cast<size_t>(3 * length), 4, 0, 50);
        for (int64_t row = 0; row < 3; ++row)
          std::sort(sequences.begin() + row * length, sequences.begin() + (row + 1) * length);
        const auto values = random_values<T>(99, 5, 0, 50);
        std::vector<int64_t> expected;
        for (int64_t i = 0; i < 99; ++i) {
          const auto begin = sequences.begin() + (shared ? 0 : i / 33 * length);
          const T value = values[static_cast<size_t>(i)];
          expected.push_back((right ? std::upper_bound(begin, begin + length, value)
                                    : std::lower_bound(begin, begin + length, value)) -
                             begin);
        }
        auto sorted = test.template upload<T>(sequences);
        auto x = test.template upload<T>(values);
        auto out = test.template unset<int64_t>(99);
        search_sorted<T>(test.stream, shape, sorted.data(), x.data(), out.data());
        ASSERT_EQ(out.to_host(), expected) << length << shared << right;
      }
}

TYPED_TEST(PlacesTest, SearchesFollowTheOracle) {
  check_search<float>(*this);
  check_search<double>(*this);
  check_search<Half>(*this);
  check_search<BFloat16>(*this);
  check_search<int64_t>(*this);
  check_search<int32_t>(*this);
  check_search<int16_t>(*this);
  check_search<int8_t>(*this);
  check_search<uint8_t>(*this);
}

TYPED_TEST(PlacesTest, NothingIsBehindNaN) {
  auto sorted = this->template upload<float>({-1, 0, 2});
  auto x = this->template upload<float>({NAN, INFINITY, -INFINITY});
  auto out = this->template unset<int64_t>(3);
  search_sorted<float>(this->stream, {1, 3, 3, true, false}, sorted.data(), x.data(), out.data());
  EXPECT_EQ(out.to_host(), (std::vector<int64_t>{3, 3, 0}));
}

}  // namespace
}  // namespace cuttle::test
