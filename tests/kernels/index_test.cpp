// Elements picked and written by index, against loops over plain arrays.
#include <cuttle/kernels/index.h>

#include <algorithm>
#include <map>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using IndexTest = KernelTest<Backend>;
TYPED_TEST_SUITE(IndexTest, Backends, BackendName);

constexpr int64_t kRows = 37;

std::vector<int64_t> random_indices(int64_t n, unsigned seed, int64_t size = kRows) {
  std::vector<int64_t> out;
  for (const double v : random_values<double>(n, seed, 0, static_cast<double>(size)))
    out.push_back(std::min(size - 1, static_cast<int64_t>(v)));
  return out;
}

// out[i, c] = x[index[i], c], x read through strides.
template <class T, class Backend>
void check_read(const KernelTest<Backend>& test) {
  for (const int64_t n : kSizes) {
    constexpr int64_t kColumns = 3;
    const auto values = random_values<double>(2 * kRows * kColumns, 3, 0, 9);
    HostArray<T> x;
    for (const double v : values) x.push_back(static_cast<T>(v));
    auto picks = random_indices(n, 5);
    for (size_t i = 0; i < picks.size(); i += 2) picks[i] -= kRows;  // from the back
    auto device_x = test.template upload<T>(x);
    auto device_index =
        test.template upload<int64_t>(HostArray<int64_t>(picks.begin(), picks.end()));
    auto out = test.template unset<T>(n * kColumns);
    const StridedLoop<3> loop{2, {n, kColumns}, {{0, 2}, {1, 0}, {kColumns, 1}}};
    IndexedDims dims;
    dims.count = 1;
    dims.index[0] = device_index.data();
    dims.size[0] = kRows;
    dims.stride[0] = 2 * kColumns;
    dims.from_back = true;
    index_read<T>(test.stream, loop, dims, device_x.data(), out.data());
    const auto found = out.to_host();
    for (int64_t i = 0; i < n; ++i)
      for (int64_t c = 0; c < kColumns; ++c)
        ASSERT_EQ(found[i * kColumns + c], x[(picks[i] + kRows) % kRows * 2 * kColumns + c * 2])
            << n << " " << i;
  }
}

TYPED_TEST(IndexTest, ReadsThroughIndices) {
  check_read<float>(*this);
  check_read<double>(*this);
  check_read<int64_t>(*this);
  check_read<int32_t>(*this);
  check_read<uint8_t>(*this);
  check_read<bool>(*this);
}

TYPED_TEST(IndexTest, SortsKeysAndKeepsTheOrderOfEqualOnes) {
  for (const int64_t n : kSizes)
    for (const int64_t beyond :
         {int64_t{1}, int64_t{15}, int64_t{16}, int64_t{300}, int64_t{1} << 33}) {
      const auto keys = random_indices(n, 7, beyond + 1);
      auto sorted = this->template upload<int64_t>(HostArray<int64_t>(keys.begin(), keys.end()));
      auto order = this->template unset<int64_t>(n);
      index_sort(this->stream, n, beyond, sorted.data(), order.data());
      std::vector<int64_t> expected(n);
      for (int64_t i = 0; i < n; ++i) expected[i] = i;
      std::stable_sort(expected.begin(), expected.end(),
                       [&](int64_t a, int64_t b) { return keys[a] < keys[b]; });
      const auto found = sorted.to_host(), places = order.to_host();
      for (int64_t i = 0; i < n; ++i) {
        ASSERT_EQ(places[i], expected[i]) << n << " " << beyond;
        ASSERT_EQ(found[i], keys[expected[i]]) << n << " " << beyond;
      }
    }
}

// out[index[i], c] op= value[i, c], one element after the other.
template <class T, class Backend>
void check_write(const KernelTest<Backend>& test, IndexWrite op) {
  for (const int64_t n : kSizes) {
    constexpr int64_t kColumns = 3;
    const auto picks = random_indices(n, 5);
    HostArray<T> value, start;
    for (const double v : random_values<double>(n * kColumns, 3, 0, 3))
      value.push_back(static_cast<T>(v));
    for (const double v : random_values<double>(kRows * kColumns, 4, 0, 3))
      start.push_back(static_cast<T>(v));
    auto index = test.template upload<int64_t>(HostArray<int64_t>(picks.begin(), picks.end()));
    auto keys = test.template unset<int64_t>(n), order = test.template unset<int64_t>(n);
    auto from = test.template upload<T>(value);
    auto out = test.template upload<T>(start);
    IndexedDims dims;
    dims.count = 1;
    dims.index[0] = index.data();
    dims.size[0] = kRows;
    dims.stride[0] = 1;
    index_keys(test.stream, {1, {n}, {{0}, {1}}}, dims, kRows, keys.data());
    index_sort(test.stream, n, kRows, keys.data(), order.data());
    const IndexWriteLoops loops{
        {1, {kRows}, {{kColumns}}}, {1, {n}, {{kColumns}}}, {1, {kColumns}, {{1}, {1}}}};
    index_write<T>(test.stream, op, loops, n, kRows, keys.data(), order.data(), from.data(),
                   out.data());
    HostArray<T> expected = start;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t c = 0; c < kColumns; ++c) {
        auto& to = expected[picks[i] * kColumns + c];
        const auto v = value[i * kColumns + c];
        if (op == IndexWrite::assign) to = v;
        if (op == IndexWrite::add) to = static_cast<T>(to + v);
        if (op == IndexWrite::multiply) to = static_cast<T>(to * v);
      }
    const auto found = out.to_host();
    for (size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(found[i], expected[i]) << n << " " << i;
  }
}

TYPED_TEST(IndexTest, WritesInTheOrderOfTheElements) {
  for (const auto op : {IndexWrite::assign, IndexWrite::add, IndexWrite::multiply}) {
    check_write<float>(*this, op);
    check_write<double>(*this, op);
    if (op != IndexWrite::multiply) check_write<int64_t>(*this, op);
    check_write<uint8_t>(*this, op);
    check_write<bool>(*this, op);
  }
}

TYPED_TEST(IndexTest, WritesWhereAMaskIsSet) {
  for (const int64_t n : kSizes) {
    HostArray<bool> mask;
    for (int64_t i = 0; i < n; ++i) mask.push_back(i % 3 == 1);
    auto set = this->template upload<bool>(mask);
    auto value = this->template upload<float>(std::vector<float>{7});
    auto out = this->template upload<float>(std::vector<float>(n, 2));
    mask_write<float>(this->stream, {1, {n}, {{1}, {0}, {1}}}, set.data(), value.data(),
                      out.data());
    const auto found = out.to_host();
    for (int64_t i = 0; i < n; ++i) ASSERT_EQ(found[i], i % 3 == 1 ? 7 : 2);
  }
}

}  // namespace
}  // namespace cuttle::test
