// The dropout kernel against Philox's bits, one call of it an element.
#include <cuttle/kernels/dropout.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using DropoutTest = KernelTest<Backend>;
TYPED_TEST_SUITE(DropoutTest, Backends, BackendName);

template <class T, class Backend>
void check(const KernelTest<Backend>& test, const Dropout& call, const StridedLoop<3>& loop) {
  const auto extent_of = [&](int operand) {
    int64_t last = 0;
    for (int d = 0; d < loop.rank; ++d) last += (loop.sizes[d] - 1) * loop.strides[operand][d];
    return loop.numel() == 0 ? int64_t{0} : last + 1;
  };
  const auto x = random_values<T>(extent_of(0), 1);
  auto from = test.template upload<T>(x);
  HostArray<T> expected(static_cast<size_t>(extent_of(1)), T(77));
  auto to = test.template upload<T>(expected);
  int64_t i = 0;
  for_each_element(loop, [&](const int64_t* offsets) {
    const auto draw = static_cast<uint64_t>(i++ / call.slice);
    const uint32_t bits = philox(call.at.seed, call.at.offset, draw / 4).at[draw % 4];
    const T scale = static_cast<T>(call.scale), shift = static_cast<T>(call.shift);
    expected[static_cast<size_t>(offsets[1])] =
        static_cast<double>(bits) < call.keep * 0x1p32
            ? x[static_cast<size_t>(offsets[0])] * scale + shift
            : static_cast<T>(call.fill);
  });
  dropout<T>(test.stream, call, loop, from.data(), to.data());
  EXPECT_EQ(to.to_host(), expected) << loop.numel() << " in slices of " << call.slice;
}

TYPED_TEST(DropoutTest, KeepsWhatTheBitsSay) {
  const PhiloxAt at{.seed = 0xfedcba9876543210, .offset = (uint64_t{1} << 40) + 3};
  std::vector<StridedLoop<3>> loops = {{}};  // one element
  for (const int64_t n : {0, 1, 31, 33, 1025, 4099})
    loops.push_back({.rank = 1, .sizes = {n}, .strides = {{1}, {1}, {1}}});
  loops.push_back({.rank = 3, .sizes = {5, 7, 9}, .strides = {{1, 50, 5}, {63, 9, 1}, {63, 9, 1}}});
  loops.push_back({.rank = 2, .sizes = {3, 1025}, .strides = {{1025, 1}, {1, 3}, {1025, 1}}});
  for (const auto& loop : loops)
    for (const int64_t slice : {1, 3}) {
      const Dropout call{.at = at, .keep = 0.7, .scale = 1 / 0.7, .slice = slice};
      check<float>(*this, call, loop);
      check<double>(*this, call, loop);
      check<float>(*this, {.at = at, .keep = 0, .slice = slice}, loop);
      check<float>(*this, {.at = at, .keep = 1, .slice = slice}, loop);
      check<double>(
          *this, {.at = at, .keep = 0.5, .scale = 0.25, .shift = 0.5, .fill = -1, .slice = slice},
          loop);
    }
}

}  // namespace
}  // namespace cuttle::test
