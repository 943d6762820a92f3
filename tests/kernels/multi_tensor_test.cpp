// Norms, scaling and interpolation of many arrays at once, against loops.
#include <cuttle/kernels/multi_tensor.h>

#include <cmath>
#include <limits>

#include "backend.h"

namespace cuttle::test {
namespace {

using namespace kernels;

template <class Backend>
using MultiTensorTest = KernelTest<Backend>;
TYPED_TEST_SUITE(MultiTensorTest, Backends, BackendName);

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const std::vector<int64_t> kLengths = {0, 1, 31, 33, 1025, 4096, 4097, 9000};

template <class T, class Backend>
struct Arrays {
  using Buffer = DeviceBuffer<typename Backend::Stream, T>;

  Arrays(const KernelTest<Backend>& test, const std::vector<int64_t>& lengths) {
    for (size_t a = 0; a < lengths.size(); ++a) {
      values.push_back(random_values<T>(lengths[a], static_cast<unsigned>(a)));
      buffers.push_back(test.template upload<T>(values.back()));
    }
  }
  template <class Element>
  std::vector<ArrayOf<Element>> all() {
    std::vector<ArrayOf<Element>> arrays;
    for (size_t a = 0; a < values.size(); ++a)
      arrays.push_back({buffers[a].data(), static_cast<int64_t>(values[a].size())});
    return arrays;
  }

  std::vector<HostArray<T>> values;
  std::vector<Buffer> buffers;
};

template <class T, class Backend>
void check_norm(const KernelTest<Backend>& test, const std::vector<int64_t>& lengths) {
  Arrays<T, Backend> arrays(test, lengths);
  auto total = test.template unset<T>(1);
  // The oracle itself adds some ten thousand numbers one after the other in double.
  const double tolerance = std::max(4 * kEpsilon<T>, 1e-13);
  for (const double p : {1., 2., 3., 0.5, kInfinity}) {
    double expected = 0;
    for (const auto& each : arrays.values)
      for (const T value : each)
        expected = p == kInfinity ? std::max(expected, std::abs(double(value)))
                                  : expected + std::pow(std::abs(double(value)), p);
    if (p != kInfinity) expected = std::pow(expected, 1 / p);
    multi_norm<T>(test.stream, p, arrays.template all<const T>(), total.data());
    ASSERT_NEAR(total.to_host()[0], expected, tolerance * expected) << "p " << p;
  }
}

TYPED_TEST(MultiTensorTest, Norms) {
  check_norm<float>(*this, kLengths);
  check_norm<double>(*this, kLengths);
  check_norm<float>(*this, {0});
  check_norm<float>(*this, std::vector<int64_t>(2000, 3));  // several launches on a GPU
}

TYPED_TEST(MultiTensorTest, ANormOfNaNIsNaN) {
  for (const double p : {2., kInfinity}) {
    HostArray<float> values(5000, 1.f);
    values[4500] = std::numeric_limits<float>::quiet_NaN();
    auto x = this->template upload<float>(values), total = this->template unset<float>(1);
    const ArrayOf<const float> array = {x.data(), 5000};
    multi_norm<float>(this->stream, p, {&array, 1}, total.data());
    EXPECT_TRUE(std::isnan(total.to_host()[0])) << p;
  }
}

template <class T, class Backend>
void check_scale(const KernelTest<Backend>& test, const std::vector<int64_t>& lengths) {
  Arrays<T, Backend> arrays(test, lengths);
  auto factor = test.template upload<T>({T(0.3)});
  auto found = test.template upload<float>({0});
  const auto all = arrays.template all<T>();
  multi_scale<T>(test.stream, factor.data(), std::span<const ArrayOf<T>>(all), found.data());
  for (size_t a = 0; a < lengths.size(); ++a) {
    HostArray<T> expected = arrays.values[a];
    for (T& value : expected) value *= T(0.3);
    EXPECT_EQ(arrays.buffers[a].to_host(), expected) << "array " << a;
  }
  EXPECT_EQ(found.to_host()[0], 0);
}

TYPED_TEST(MultiTensorTest, Scaling) {
  check_scale<float>(*this, kLengths);
  check_scale<double>(*this, kLengths);
  check_scale<float>(*this, std::vector<int64_t>(2000, 3));
}

template <class T, class Backend>
void check_lerp(const KernelTest<Backend>& test, const std::vector<int64_t>& lengths, T by) {
  Arrays<T, Backend> arrays(test, lengths);
  std::vector<typename Arrays<T, Backend>::Buffer> others;
  std::vector<HostArray<T>> ends;
  std::vector<PairOf<T>> pairs;
  for (size_t a = 0; a < lengths.size(); ++a) {
    ends.push_back(random_values<T>(lengths[a], static_cast<unsigned>(a + 99)));
    others.push_back(test.template upload<T>(ends.back()));
    pairs.push_back({arrays.buffers[a].data(), others.back().data(), lengths[a]});
  }
  auto weight = test.template upload<T>({by});
  multi_lerp<T>(test.stream, weight.data(), std::span<const PairOf<T>>(pairs));
  for (size_t a = 0; a < lengths.size(); ++a) {
    HostArray<T> expected = arrays.values[a];
    for (size_t i = 0; i < expected.size(); ++i) {
      const T way = ends[a][i] - expected[i];  // from the nearer end, as PyTorch goes
      expected[i] = by < T(0.5) ? expected[i] + by * way : ends[a][i] - way * (T(1) - by);
    }
    EXPECT_EQ(arrays.buffers[a].to_host(), expected) << "array " << a;
    EXPECT_EQ(others[a].to_host(), ends[a]) << "array " << a;
  }
}

TYPED_TEST(MultiTensorTest, Interpolation) {
  check_lerp<float>(*this, kLengths, 0.3f);
  check_lerp<double>(*this, kLengths, 0.3);
  check_lerp<float>(*this, kLengths, 0.8f);
  check_lerp<double>(*this, kLengths, 1);
  check_lerp<float>(*this, {0}, 0.3f);
  check_lerp<float>(*this, std::vector<int64_t>(2000, 3), 0.3f);  // several launches on a GPU
}

TYPED_TEST(MultiTensorTest, FindsWhatIsNotFinite) {
  for (const double bad : {kInfinity, -kInfinity, std::nan("")}) {
    for (const size_t at : {size_t{0}, size_t{8999}}) {
      HostArray<double> values(9000, 1.);
      values[at] = bad;
      auto x = this->template upload<double>(values), factor = this->template upload<double>({2});
      auto found = this->template upload<float>({0});
      const ArrayOf<double> array = {x.data(), 9000};
      multi_scale<double>(this->stream, factor.data(), {&array, 1}, found.data());
      EXPECT_EQ(found.to_host()[0], 1) << bad << " at " << at;
      multi_scale<double>(this->stream, factor.data(), {&array, 1}, nullptr);
      EXPECT_EQ(x.to_host()[at == 0 ? 1 : 0], 4);
    }
  }
}

}  // namespace
}  // namespace cuttle::test
