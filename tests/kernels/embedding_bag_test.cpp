// Bags of rows, forward and backward, against loops over plain arrays: in double, and to the bit in
// the order that is promised.
#include <cuttle/kernels/embedding_bag.h>
#include <cuttle/kernels/index.h>

#include <optional>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using EmbeddingBagTest = KernelTest<Backend>;
TYPED_TEST_SUITE(EmbeddingBagTest, Backends, BackendName);

constexpr int64_t kRows = 23;

struct Sizes {
  int64_t bags, elements, features;
};
constexpr Sizes kCases[] = {{0, 0, 3},   {1, 0, 4},     {0, 5, 2},     {3, 0, 0},    {1, 1, 1},
                            {5, 31, 33}, {33, 1025, 7}, {4, 1025, 65}, {600, 600, 4}};

/// How a case's elements make bags.
enum class Layout { matrix, offsets, offsets_with_end };

template <class T>
struct Case {
  Case(const Sizes& sizes, Layout layout, BagReduction reduction, bool has_samples) {
    shape.reduction = reduction;
    shape.bags = sizes.bags, shape.elements = sizes.elements, shape.features = sizes.features;
    shape.rows = kRows, shape.padding = 2;
    if (layout == Layout::matrix) {
      shape.each = sizes.bags > 0 ? sizes.elements / sizes.bags : 0;
      shape.elements = shape.each * shape.bags;
    } else {
      shape.has_end = layout == Layout::offsets_with_end;
      // Some bags are empty; with an end, the last elements are in none.
      for (int64_t b = 0; b < sizes.bags + (shape.has_end ? 1 : 0); ++b)
        offsets.push_back(b == 0 ? 0 : (b - b % 3) * sizes.elements / (sizes.bags + 1));
    }
    for (const double v : random_values<double>(shape.elements, 3, 0, kRows))
      indices.push_back(std::min(kRows - 1, static_cast<int64_t>(v)));
    if (has_samples) samples = random_values<T>(shape.elements, 5);
    // Few different values, so that maxima are met several times.
    for (const double v : random_values<double>(kRows * shape.features, 7, -9, 9))
      weight.push_back(static_cast<T>(static_cast<int>(v)) / T(8));
    dy = random_values<T>(shape.bags * shape.features, 11);
  }

  int64_t begin(int64_t bag) const {
    if (offsets.empty()) return bag * shape.each;
    return static_cast<size_t>(bag) < offsets.size() ? offsets[bag] : shape.elements;
  }

  BagShape shape;
  std::vector<int64_t> offsets, indices;
  std::vector<T> samples, weight, dy;
};

/// What the formulas make of a case, computed in A.
template <class A>
struct Expected {
  template <class T>
  Expected(const Case<T>& c, bool by_frequency)
      : y(c.dy.size()),
        dweight(c.weight.size()),
        dsamples(c.indices.size()),
        found(c.shape.reduction == BagReduction::max ? c.dy.size() : c.shape.bags, -1) {
    const BagShape& s = c.shape;
    std::vector<int64_t> frequency(kRows);
    for (int64_t b = 0; b < s.bags; ++b) {
      int64_t count = 0;
      for (int64_t e = c.begin(b); e < c.begin(b + 1); ++e)
        if (c.indices[e] != s.padding) ++count, ++frequency[c.indices[e]];
      if (s.reduction == BagReduction::mean) found[b] = count;
      const bool is_mean = s.reduction == BagReduction::mean;
      const A share = is_mean ? A(1) / A(std::max<int64_t>(count, 1)) : A(1);
      for (int64_t i = 0; i < s.features; ++i) forward(c, b, i, share);
    }
    for (size_t i = 0; by_frequency && i < dweight.size(); ++i)
      dweight[i] *= A(1) / A(std::max<int64_t>(frequency[i / s.features], 1));
  }

  template <class T>
  void forward(const Case<T>& c, int64_t b, int64_t i, A share) {
    const BagShape& s = c.shape;
    const int64_t at = b * s.features + i;
    std::optional<int64_t> largest;
    for (int64_t e = c.begin(b); e < c.begin(b + 1); ++e) {
      if (c.indices[e] == s.padding) continue;
      const A value = c.weight[c.indices[e] * s.features + i];
      const A sample = c.samples.empty() ? A(1) : A(c.samples[e]);
      if (s.reduction == BagReduction::max) {
        if (!largest || value > y[at]) largest = e, y[at] = value;
        continue;
      }
      y[at] += sample * value;
      dweight[c.indices[e] * s.features + i] += sample * share * A(c.dy[at]);
      dsamples[e] += value * A(c.dy[at]);
    }
    y[at] *= share;
    if (s.reduction != BagReduction::max) return;
    found[at] = largest.value_or(-1);
    if (largest) dweight[c.indices[*largest] * s.features + i] += A(c.dy[at]);
  }

  std::vector<A> y, dweight, dsamples;
  std::vector<int64_t> found;
};

/// Against double, and to the bit against the same order in T.
template <class T>
void expect_all(const std::vector<T>& found, const std::vector<double>& exact,
                const std::vector<T>& in_order, const std::string& what) {
  expect_close(found, exact, 64 * kEpsilon<T>, 64 * kEpsilon<T>, what);
  EXPECT_EQ(found, in_order) << what;
}

template <class T, class Backend>
void check(const KernelTest<Backend>& test, const Case<T>& c, bool by_frequency,
           const std::string& what) {
  BagShape s = c.shape;
  auto offsets = test.template upload<int64_t>(c.offsets);
  auto indices = test.template upload<int64_t>(c.indices);
  auto samples = test.template upload<T>(c.samples);
  auto weight = test.template upload<T>(c.weight), dy = test.template upload<T>(c.dy);
  if (!c.offsets.empty()) s.offsets = offsets.data();
  const T* const own = c.samples.empty() ? nullptr : samples.data();
  const Expected<double> exact(c, by_frequency);
  const Expected<T> in_order(c, by_frequency);

  auto y = test.template unset<T>(c.dy.size());
  auto found = test.template unset<int64_t>(in_order.found.size());
  int64_t* const noted = s.reduction == BagReduction::sum ? nullptr : found.data();
  embedding_bag_forward<T>(test.stream, s, indices.data(), own, weight.data(), y.data(), noted);
  expect_all(y.to_host(), exact.y, in_order.y, what);
  if (noted != nullptr && s.features > 0) {
    EXPECT_EQ(found.to_host(), in_order.found) << what;
  }

  auto keys = test.template unset<int64_t>(s.elements);
  auto bags = test.template unset<int64_t>(s.elements);
  auto order = test.template unset<int64_t>(s.elements);
  embedding_bag_elements(test.stream, s, indices.data(), keys.data(), bags.data());
  if (s.reduction == BagReduction::sum) {
    auto dsamples = test.template unset<T>(s.elements);
    embedding_bag_backward_samples<T>(test.stream, s, keys.data(), bags.data(), weight.data(),
                                      dy.data(), dsamples.data());
    expect_close(dsamples.to_host(), exact.dsamples, 64 * kEpsilon<T>, 64 * kEpsilon<T>, what);
  }
  index_sort(test.stream, s.elements, s.rows, keys.data(), order.data());
  auto dweight = test.template upload<T>(std::vector<T>(c.weight.size()));
  embedding_bag_backward<T>(test.stream, s,
                            {.keys = keys.data(),
                             .order = order.data(),
                             .bags = bags.data(),
                             .samples = own,
                             .found = noted,
                             .by_frequency = by_frequency,
                             .dy = dy.data()},
                            dweight.data());
  expect_all(dweight.to_host(), exact.dweight, in_order.dweight, what);
}

template <class T, class Backend>
void check_all(const KernelTest<Backend>& test) {
  for (const Sizes& sizes : kCases)
    for (const Layout layout : {Layout::matrix, Layout::offsets, Layout::offsets_with_end})
      for (const BagReduction reduction :
           {BagReduction::sum, BagReduction::mean, BagReduction::max})
        for (const bool variant : {false, true}) {
          const bool has_samples = variant && reduction == BagReduction::sum;
          const Case<T> c(sizes, layout, reduction, has_samples);
          check(test, c, variant && !has_samples,
                "bags " + std::to_string(sizes.bags) + ", elements " +
                    std::to_string(sizes.elements) + ", layout " +
                    std::to_string(static_cast<int>(layout)) + ", reduction " +
                    std::to_string(static_cast<int>(reduction)) + (variant ? ", variant" : ""));
        }
}

TYPED_TEST(EmbeddingBagTest, MatchesLoops) {
  check_all<float>(*this);
  check_all<double>(*this);
}

// Terms whose sum BFloat16 and Half would round differently step by step.
template <class T, class Backend>
void check_one_rounding(const KernelTest<Backend>& test) {
  auto weight = test.template upload<T>({T(256.f), T(0.75f)});
  auto indices = test.template upload<int64_t>({0, 1, 1, 1, 1});
  auto y = test.template unset<T>(1);
  const BagShape s{.bags = 1, .elements = 5, .rows = 2, .features = 1, .each = 5};
  embedding_bag_forward<T>(test.stream, s, indices.data(), nullptr, weight.data(), y.data(),
                           nullptr);
  EXPECT_EQ(static_cast<float>(y.to_host()[0]), static_cast<float>(T(259.f)));
}
TYPED_TEST(EmbeddingBagTest, RoundsHalvesOnce) {
  check_one_rounding<Half>(*this);
  check_one_rounding<BFloat16>(*this);
}

TYPED_TEST(EmbeddingBagTest, OfSeveralNansAndEqualsTheFirstIsTheMaximum) {
  const float nan = std::nanf("");
  auto weight = this->template upload<float>({1, 3, nan, 3});  // (2, 2)
  auto indices = this->template upload<int64_t>({0, 1, 1, 0});
  auto y = this->template unset<float>(2);
  auto found = this->template unset<int64_t>(2);
  const BagShape s{.reduction = BagReduction::max,
                   .bags = 1,
                   .elements = 4,
                   .rows = 2,
                   .features = 2,
                   .each = 4};
  embedding_bag_forward<float>(this->stream, s, indices.data(), nullptr, weight.data(), y.data(),
                               found.data());
  const auto largest = y.to_host();
  EXPECT_TRUE(std::isnan(largest[0]));
  EXPECT_EQ(largest[1], 3);
  EXPECT_EQ(found.to_host(), (std::vector<int64_t>{1, 0}));
}

}  // namespace
}  // namespace cuttle::test
