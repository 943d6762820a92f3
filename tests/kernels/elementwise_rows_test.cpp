// Every row and gradient of the elementwise table in every layout and type, against one element at
// a time on the CPU. (What rows are worth is compared with PyTorch in
// tests/core/elementwise_golden_test.cpp.)
#include <cuttle/kernels/elementwise.h>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using ElementwiseRows = KernelTest<Backend>;
TYPED_TEST_SUITE(ElementwiseRows, Backends, BackendName);

/// Loops over N operands, the last of them written: plain, with broadcasts, transposed, with gaps.
template <int N>
std::vector<StridedLoop<N>> all_loops() {
  std::vector<StridedLoop<N>> loops(4);
  loops[0] = {1, {1037}, {}};
  loops[1] = {2, {33, 31}, {}};
  loops[2] = {2, {33, 31}, {}};
  loops[3] = {3, {3, 5, 7}, {}};
  for (StridedLoop<N>& loop : loops)
    for (int p = 0; p < N; ++p) make_dense(loop, p);
  for (int p = 0; p + 1 < N; ++p) {
    loops[1].strides[p][p % 2] = 0;
    if (p % 2 == 0) loops[2].strides[p][0] = 1, loops[2].strides[p][1] = 33;
    for (int d = 0; d < 3; ++d) loops[3].strides[p][d] *= 1 + p;
  }
  return loops;
}

/// What (op, part) gives for T in a loop, or nothing where it has no kernel; and one at a time.
template <class T, int N, class Backend>
bool check_part(const KernelTest<Backend>& test, Elementwise op, int part) {
  const ElementwiseRow& row = row_of(op);
  const bool truth = part == 0 && row.gives == table::boolean;
  const bool conditional = part == 0 && op == Elementwise::where;
  for (const StridedLoop<N + 1>& loop : all_loops<N + 1>()) {
    using Buffer = DeviceBuffer<typename Backend::Stream, T>;
    std::vector<std::vector<T>> values;
    std::vector<Buffer> arrays;
    for (int k = 0; k < N; ++k) {
      values.push_back(random_values<T>(extent(loop, k), 10 + static_cast<unsigned>(k), 0.3, 4));
      arrays.push_back(test.template upload<T>(values.back()));
    }
    std::vector<unsigned char> flags(extent(loop, 0));
    for (size_t i = 0; i < flags.size(); ++i) flags[i] = i % 3 == 0;
    auto condition = test.template upload<bool>(flags);
    ElementwiseInputs<T, N> in;
    for (int k = 0; k < N; ++k) in.at[k] = arrays[static_cast<size_t>(k)].data();
    if (conditional) in.at[0] = condition.data();
    for (auto& parameter : in.parameter) parameter = Compute<T>(2);
    auto out = test.template unset<T>(extent(loop, N));
    auto truths = test.template unset<bool>(extent(loop, N));
    void* const to = truth ? static_cast<void*>(truths.data()) : out.data();
    try {
      elementwise<T, N>(test.stream, op, part, loop, in, to);
    } catch (const Error&) {
      return false;
    }
    const auto found = out.to_host();
    const auto found_truths = truths.to_host();
    for_each_element(loop, [&](const int64_t* at) {
      ElementwiseInputs<T, N> one = in;
      for (int k = 0; k < N; ++k)
        one.at[k] = conditional && k == 0
                        ? static_cast<const void*>(&flags[static_cast<size_t>(at[0])])
                        : &values[static_cast<size_t>(k)][static_cast<size_t>(at[k])];
      T expected = T(0);
      bool expected_truth = false;
      elementwise<T, N>(cpu::Stream(), op, part, {}, one,
                        truth ? static_cast<void*>(&expected_truth) : &expected);
      const auto place = static_cast<size_t>(at[N]);
      const double a = static_cast<double>(Compute<T>(found[place]));
      const double e = static_cast<double>(Compute<T>(expected));
      const bool same = truth ? (found_truths[place] != 0) == expected_truth
                              : a == e || (std::isnan(a) && std::isnan(e)) ||
                                    std::abs(a - e) <= 8 * kEpsilon<T> * std::abs(e);
      ASSERT_TRUE(same) << row.name << ", part " << part << ", rank " << loop.rank << ": " << a
                        << ", expected " << e;
    });
  }
  return true;
}

/// Every row and part that T has; their number.
template <class T, class Backend>
int check_all_parts(const KernelTest<Backend>& test) {
  int found = 0;
  for (int i = 0; i < kElementwiseRows; ++i)
    for (int part = 0; part <= row_of(static_cast<Elementwise>(i)).operands; ++part) {
      const auto op = static_cast<Elementwise>(i);
      const int inputs = row_of(op).operands + (part > 0);
      found += inputs == 1   ? check_part<T, 1>(test, op, part)
               : inputs == 2 ? check_part<T, 2>(test, op, part)
               : inputs == 3 ? check_part<T, 3>(test, op, part)
                             : check_part<T, 4>(test, op, part);
    }
  return found;
}

TYPED_TEST(ElementwiseRows, InEveryLayout) {
  const int floating = check_all_parts<float>(*this);
  EXPECT_GT(floating, kElementwiseRows);  // most have values and gradients
  EXPECT_EQ(check_all_parts<double>(*this), floating);
  EXPECT_EQ(check_all_parts<Half>(*this), floating);
  EXPECT_EQ(check_all_parts<BFloat16>(*this), floating);
  const int whole = check_all_parts<int64_t>(*this);
  EXPECT_GT(whole, 40);
  EXPECT_EQ(check_all_parts<int32_t>(*this), whole);
  EXPECT_EQ(check_all_parts<int16_t>(*this), whole);
  EXPECT_EQ(check_all_parts<int8_t>(*this), whole);
  EXPECT_EQ(check_all_parts<uint8_t>(*this), whole);
}

}  // namespace
}  // namespace cuttle::test
