// New tensors against PyTorch's (tests/golden/generate_creation.py), and what it has no file for:
// strides, owners, options.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "golden_values.h"
#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

class CreationGolden : public DeviceTest {
 protected:
  const nlohmann::json golden = load_golden("creation.json");
  TensorOptions options(const nlohmann::json& dtype) const {
    return {.dtype = dtype_from_name(dtype.get<std::string>()), .device = device()};
  }
  /// Whole numbers are equal; others lie within a rounding of the largest: PyTorch computes in the
  /// dtype itself.
  static void expect_rounded(const Tensor& x, const nlohmann::json& list, const std::string& what) {
    const DType dtype = x.dtype();
    const double unit = dtype == float64    ? 4e-16
                        : dtype == float32  ? 2e-7
                        : dtype == float16  ? 1e-3
                        : dtype == bfloat16 ? 8e-3
                                            : 0;
    const auto expected = numbers(list);
    double largest = 0;
    for (const double value : expected) largest = std::max(largest, std::abs(value));
    expect_near(x, expected, unit * largest, 0, what);
  }
};
CUTTLE_INSTANTIATE_DEVICES(CreationGolden);

Scalar number_of(const nlohmann::json& value) {
  return value.is_number_integer() ? Scalar(value.get<int64_t>()) : Scalar(value.get<double>());
}

TEST_P(CreationGolden, Ranges) {
  for (const auto& c : golden["linspace"])
    expect_rounded(linspace(number_of(c[1]), number_of(c[2]), c[3], options(c[0])), c[4], c.dump());
  for (const auto& c : golden["logspace"])
    expect_rounded(logspace(number_of(c[1]), number_of(c[2]), c[3], c[4], options(c[0])), c[5],
                   c.dump());
  for (const auto& c : golden["arange"])
    EXPECT_EQ(arange(number_of(c[1]), number_of(c[2]), number_of(c[3]), options(c[0]))
                  .to_vector<double>(),
              numbers(c[4]))
        << c;
  EXPECT_EQ(linspace(0, 1, 3).dtype(), float32);
  EXPECT_EQ(logspace(0, 2, 3).to_vector<double>(), (std::vector<double>{1, 10, 100}));
}

TEST_P(CreationGolden, Eye) {
  for (const auto& c : golden["eye"]) {
    const Tensor x = eye(c[0], c[1], {.device = device()});
    EXPECT_EQ(x.shape(), (Shape{c[0], c[1]}));
    EXPECT_EQ(x.to_vector<double>(), numbers(c[2])) << c;
  }
  EXPECT_EQ(eye(3, {.dtype = int64, .device = device()}).sum().item(), 3);
  EXPECT_TRUE(eye(2, {.device = device(), .requires_grad = true}).requires_grad());
}

// Python has no float: what is a double there is float32.
TEST_P(CreationGolden, NestedLists) {
  const std::vector<Tensor> made = {tensor({1, 2, 3}),
                                    tensor({1, 2.5f, true}),
                                    tensor({true, false}),
                                    tensor({true, 2}),
                                    tensor({{1, 2}, {3, 4}}),
                                    tensor({{{{{{{{5}}}}}}}}),
                                    tensor({}),
                                    tensor({{}, {}}),
                                    tensor({{{1.f}, {2.f}}, {{3.f}, {4.f}}}),
                                    tensor(5),
                                    tensor(2.5f),
                                    tensor(true)};
  ASSERT_EQ(golden["lists"].size(), made.size());
  for (size_t i = 0; i < made.size(); ++i) {
    const auto& c = golden["lists"][i];
    EXPECT_EQ(dtype_name(made[i].dtype()), c[0].get<std::string>()) << c;
    EXPECT_EQ(made[i].shape(), shape_of(c[1])) << c;
    EXPECT_EQ(made[i].to_vector<double>(), numbers(c[2])) << c;
  }
  EXPECT_EQ(tensor({Half(1.5f), Half(2.f)}).dtype(), float16);
  EXPECT_EQ(tensor({Half(1.5f), BFloat16(2.f)}).dtype(), float32);
  EXPECT_EQ(tensor({{1, 2}, {3, 4}}, {.dtype = bfloat16, .device = device()}).sum().item(), 10);
}

TEST_P(CreationGolden, ListsThatDifferAreNamed) {
  const std::string rest = " where that depth begins; all of one depth need one length";
  EXPECT_EQ(error_of([] {
              (void)tensor({{{1, 2}, {3, 4}}, {{5, 6}, {7, 8, 9}}});
            }),
            "tensor: at [1][1] of the braces stands a list of 3, and a list of 2" + rest);
  EXPECT_EQ(error_of([] {
              (void)tensor({{1, 2}, {3, {4}}});
            }),
            "tensor: at [1][1] of the braces stands a list of 1, and a number" + rest);
  EXPECT_EQ(error_of([] {
              (void)tensor({{1}, 2});
            }),
            "tensor: at [1] of the braces stands a number, and a list of 1" + rest);
  EXPECT_EQ(error_of([] { (void)tensor({{{{{{{{{5}}}}}}}}}); }),
            "tensor: the braces are nested more than 8 deep, and tensors have no more dimensions "
            "than that");
}

TEST_P(CreationGolden, LikeAndNewTakeWhatIsNotSaid) {
  const Tensor x = sample({2, 3}, device(), float64);
  EXPECT_EQ(zeros_like(x, {.dtype = int8}).dtype(), int8);
  EXPECT_EQ(ones_like(x, {.device = Device()}).device(), Device());
  EXPECT_EQ(full_like(x, 2.5, {.dtype = float16}).sum().item(), 15);
  EXPECT_TRUE(empty_like(x, {.requires_grad = true}).requires_grad());
  EXPECT_EQ(x.new_zeros({4}).dtype(), float64);
  EXPECT_EQ(x.new_ones({4}).device(), device());
  EXPECT_EQ(x.new_ones({4}, {.dtype = int16}).sum().item(), 4);
  EXPECT_EQ(x.new_full({2, 2}, 3).dtype(), float64);
  EXPECT_EQ(x.new_empty({5, 0}).shape(), (Shape{5, 0}));
  EXPECT_EQ(x.new_tensor({{1, 2}, {3, 4}}).dtype(), float64);
  EXPECT_EQ(x.new_tensor({1, 2}, {.dtype = uint8, .device = Device()}).sum().item(), 3);
  EXPECT_EQ(x.new_empty_strided({2, 3}, {1, 2}).strides(), (Strides{1, 2}));
  EXPECT_EQ(scalar_tensor(3, {.device = device()}).dtype(), float32);
  EXPECT_EQ(scalar_tensor(2.5, {.dtype = float64}).item(), 2.5);
}

TEST_P(CreationGolden, StridedMemory) {
  Tensor x = empty_strided({2, 3}, {1, 5}, {.dtype = int32, .device = device()});
  EXPECT_EQ(x.strides(), (Strides{1, 5}));
  x.copy_(tensor({{1, 2, 3}, {4, 5, 6}}).to(device(), int32));
  EXPECT_EQ(x.to_vector<int64_t>(), (std::vector<int64_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(empty_strided({3, 4}, {0, 1}, {.device = device()}).numel(), 12);
  EXPECT_EQ(empty_strided({0, 4}, {7, 1}).numel(), 0);
  EXPECT_EQ(error_of([] {
              (void)empty_strided({2, 3}, {1});
            }),
            "empty_strided: 1 strides do not fit shape [2, 3] of 2 dimensions");
  EXPECT_EQ(error_of([] { (void)empty_strided({2}, {-1}); }),
            "empty_strided: strides must not be negative, got [-1]");
  EXPECT_THROW((void)empty_strided({3}, {INT64_MAX / 2 + 1}), Error);
  EXPECT_EQ(error_of([] { (void)eye(-1); }), "eye: sizes must not be negative, got -1 and -1");
  EXPECT_EQ(error_of([] { (void)linspace(0, 1, -1); }),
            "linspace: the number of steps must not be negative, got -1");
  EXPECT_EQ(error_of([] { (void)linspace(0, 300, 2, {.dtype = uint8}); }),
            "linspace: uint8 cannot hold the numbers from 0 to 300; ask for a wider dtype");
}

TEST_P(CreationGolden, BlobsWithStridesAndAnOwner) {
  Tensor memory = arange(12, {.dtype = float32, .device = device()});
  auto owner = std::make_shared<Tensor>(memory);
  const std::weak_ptr<Tensor> alive = owner;
  {
    const Tensor x = from_blob(memory.raw_data(), {3, 2}, {1, 3},
                               {.dtype = float32, .device = device()}, [owner] {});
    owner.reset();
    EXPECT_EQ(x.to_vector<float>(), (std::vector<float>{0, 3, 1, 4, 2, 5}));
    const Tensor view = x.t()[1];
    EXPECT_FALSE(alive.expired());
    EXPECT_EQ((view * 2).to_vector<float>(), (std::vector<float>{6, 8, 10}));
  }
  EXPECT_TRUE(alive.expired());
  EXPECT_EQ(error_of([&] { (void)from_blob(static_cast<char*>(memory.raw_data()) + 1, {1}); }),
            "from_blob: the memory does not begin at a multiple of 4 bytes, the size of float32");
  EXPECT_EQ(error_of([&] {
              (void)from_blob(memory.raw_data(), {2, 2}, {1});
            }),
            "from_blob: 1 strides do not fit shape [2, 2] of 2 dimensions");
}

}  // namespace
}  // namespace cuttle::test
