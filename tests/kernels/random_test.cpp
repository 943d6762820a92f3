// Philox's known answers, and random kernels against one call of it an element.
#include <cuttle/kernels/random.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

// Random123's known-answer vectors (kat_vectors: philox4x32 10).
TEST(Philox, KnownAnswers) {
  const auto block = [](uint64_t seed, uint64_t offset, uint64_t index) {
    const PhiloxBlock b = philox(seed, offset, index);
    return std::vector<uint32_t>(b.at, b.at + 4);
  };
  EXPECT_EQ(block(0, 0, 0),
            (std::vector<uint32_t>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(block(~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}),
            (std::vector<uint32_t>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(block(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88),
            (std::vector<uint32_t>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

template <class Real>
void check_functions(double tolerance) {
  for (const PhiloxAt at{.seed = 3}; const int i : {0, 1}) {
    for (uint64_t n = 0; n < 20000; ++n) {
      const PhiloxBlock block = philox(at.seed, 0, n);
      const Real u = positive_uniform<Real>(block, i % (sizeof(Real) == 8 ? 2 : 4));
      const double exact = std::log(static_cast<double>(u));
      ASSERT_NEAR(portable_log(u), exact, tolerance * std::max(std::abs(exact), 1e-3)) << u;
      const Real t = (u - static_cast<Real>(0.5)) / 4;
      const unsigned quarter = block.at[3] & 3;
      const auto [cosine, sine] = cosine_and_sine(quarter, t);
      const long double angle =
          2 * 3.14159265358979323846L * (quarter / 4.0L + static_cast<long double>(t));
      ASSERT_NEAR(cosine, static_cast<double>(std::cos(angle)), tolerance);
      ASSERT_NEAR(sine, static_cast<double>(std::sin(angle)), tolerance);
    }
  }
}

TEST(RandomMath, FunctionsAreAsExactAsTheirTypes) {
  check_functions<float>(3e-7);
  check_functions<double>(6e-16);
}

TEST(RandomMath, HighPartsOfProducts) {
  for (uint64_t n = 0; n < 1000; ++n) {
    const PhiloxBlock b = philox(1, 2, n);
    const uint64_t x = b.word(0) >> (n % 60), y = b.word(1) >> (n % 7);
    __extension__ using Wide = unsigned __int128;
    EXPECT_EQ(Integers::high_part(x, y), static_cast<uint64_t>(Wide{x} * y >> 64));
  }
}

template <class Backend>
using RandomTest = KernelTest<Backend>;
TYPED_TEST_SUITE(RandomTest, Backends, BackendName);

/// Element i as the contract has it.
template <class T, class D>
T element(const D& distribution, const PhiloxAt& at, int64_t i) {
  constexpr int kPer = D::template kPerBlock<T>;
  T values[kPer];
  distribution(philox(at.seed, at.offset, static_cast<uint64_t>(i / kPer)), i - i % kPer, kPer,
               values);
  return values[i % kPer];
}

template <class T, class D, class Backend>
void check(const KernelTest<Backend>& test, const D& distribution) {
  const PhiloxAt at{.seed = 0xfedcba9876543210, .offset = (uint64_t{1} << 40) + 3};
  std::vector<StridedLoop<2>> loops;
  for (const int64_t n : kSizes) {
    loops.push_back({.rank = 1, .sizes = {n}, .strides = {{1}, {1}}});
    loops.push_back({.rank = 1, .sizes = {n}, .strides = {{3}, {1}}});
  }
  loops.push_back({});  // one element
  loops.push_back({.rank = 3, .sizes = {5, 7, 9}, .strides = {{1, 50, 5}, {63, 9, 1}}});
  loops.push_back({.rank = 2, .sizes = {3, 1025}, .strides = {{1, 3}, {1025, 1}}});
  for (const auto& loop : loops) {
    using Element = typename HostArray<T>::value_type;
    HostArray<T> expected(extent(loop, 0), Element{77});
    int64_t position = 0;
    for_each_element(loop, [&](const int64_t* offsets) {
      expected[static_cast<size_t>(offsets[0])] = element<T>(distribution, at, position++);
    });
    auto out = test.template upload<T>(HostArray<T>(expected.size(), Element{77}));
    random<T>(test.stream, at, loop, distribution, out.data());
    EXPECT_EQ(out.to_host(), expected) << loop.numel();
  }
}

TYPED_TEST(RandomTest, ElementsDependOnNothingButTheirIndex) {
  check<float>(*this, Uniform{-2, 3, 2.9999998});
  check<double>(*this, Uniform{-2, 3, 2.9999999999999996});
  check<float>(*this, Normal{1, 2});
  check<double>(*this, Normal{1, 2});
  check<float>(*this, Exponential{3});
  check<double>(*this, Exponential{3});
  check<float>(*this, Geometric{-0.3, 3e38});
  check<int32_t>(*this, Geometric{-0.001, 2147483647.0});
  check<int64_t>(*this, Integers{-7, 1000});
  check<int64_t>(*this, Integers{0, 0});
  check<uint8_t>(*this, Integers{0, 256});
  check<float>(*this, Integers{0, 1 << 24});
  check<bool>(*this, Bernoulli{.p = 0.3});
  check<float>(*this, Bernoulli{.p = 0.3});
  check<double>(*this, Bernoulli{.p = 0.3});
  check<int64_t>(*this, Bernoulli{.p = 0.3});
}

TYPED_TEST(RandomTest, ReadsItsPlaceFromTheDevice) {
  const StridedLoop<2> loop{.rank = 1, .sizes = {1000}, .strides = {{1}, {1}}};
  auto direct = this->template unset<float>(1000), by_base = this->template unset<float>(1000);
  auto base = this->template upload<int64_t>({123, 40});
  random<float>(this->stream, {.seed = 123, .offset = 42}, loop, Normal{}, direct.data());
  random<float>(this->stream, {.offset = 2, .base = reinterpret_cast<const uint64_t*>(base.data())},
                loop, Normal{}, by_base.data());
  EXPECT_EQ(by_base.to_host(), direct.to_host());
}

TYPED_TEST(RandomTest, RefusesWhatATypeCannotBe) {
  const StridedLoop<2> loop{.rank = 1, .sizes = {4}, .strides = {{1}, {1}}};
  auto out = this->template unset<int64_t>(4);
  EXPECT_THROW(random<int64_t>(this->stream, {}, loop, Normal{}, out.data()), Error);
}

}  // namespace
}  // namespace cuttle::test
