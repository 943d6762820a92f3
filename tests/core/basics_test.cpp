// Device, DType, Shape, layouts and broadcasting.
#include <cuttle/core/creation.h>
#include <cuttle/core/cuda.h>
#include <cuttle/core/device.h>
#include <cuttle/core/dtype.h>
#include <cuttle/core/shape.h>

#include <sstream>

#include "support/expect.h"

namespace cuttle::test {
namespace {

template <class T>
std::string printed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

TEST(DeviceTest, Parses) {
  EXPECT_EQ(Device("cpu"), Device());
  EXPECT_EQ(printed(Device("cpu")), "cpu");
  EXPECT_TRUE(Device("cpu").is_cpu());
  const std::string rule = "): a device is \"cpu\", \"cuda\" or \"cuda:0\"";
  for (const char* text : {"", "gpu", "CPU", "cpux:0", "cuda ", ":0", "cudax:0"})
    EXPECT_EQ(error_of([&] { Device{text}; }), "Device(\"" + std::string(text) + "\"" + rule);
  for (const char* text : {"cuda:", "cuda:x", "cuda:1x", "cuda:-1", "cuda:0:0", "cuda:99999999999"})
    EXPECT_EQ(error_of([&] { Device{text}; }), "Device(\"" + std::string(text) +
                                                   "\"): a number must follow the colon, as in "
                                                   "\"cuda:0\"");
}

TEST(DeviceTest, CudaIsRefusedWhereThereIsNone) {
  EXPECT_EQ(cuda::is_available(), cuda::device_count() > 0);
  if (cuda::is_available()) GTEST_SKIP() << "there is a CUDA device";
  EXPECT_EQ(error_of([] { Device{"cuda"}; }),
            "Device(\"cuda\"): no CUDA device can be used here: " + cuda::why_unavailable() +
                "; ask cuda::is_available() first, or use Device(\"cpu\")");
  EXPECT_EQ(error_of([] { (void)ones({1}).cuda(); }), error_of([] { Device{"cuda"}; }));
  EXPECT_THROW(cuda::synchronize(), Error);
  EXPECT_THROW((void)cuda::memory_stats(), Error);
  EXPECT_NE(cuda::why_unavailable(), "");
}

TEST(DeviceTest, CudaWhereThereIsOne) {
  if (!cuda::is_available()) GTEST_SKIP() << "needs a CUDA device: " << cuda::why_unavailable();
  EXPECT_EQ(Device("cuda").str(), "cuda:" + std::to_string(cuda::current_device()));
  EXPECT_EQ(Device("cuda:0"), Device(DeviceType::cuda, 0));
  EXPECT_NE(cuda::device_name(), "");
  const std::string beyond = "cuda:" + std::to_string(cuda::device_count());
  EXPECT_EQ(error_of([&] { Device{beyond}; }).find("Device(\"" + beyond + "\"): this machine has "),
            0);
}

TEST(DTypeTest, NamesAndSizes) {
  for (const auto& [dtype, name, size] :
       std::vector<std::tuple<DType, std::string, size_t>>{{float32, "float32", 4},
                                                           {float64, "float64", 8},
                                                           {int64, "int64", 8},
                                                           {float16, "float16", 2},
                                                           {bfloat16, "bfloat16", 2},
                                                           {int32, "int32", 4},
                                                           {int16, "int16", 2},
                                                           {int8, "int8", 1},
                                                           {uint8, "uint8", 1},
                                                           {boolean, "bool", 1}}) {
    EXPECT_EQ(dtype_name(dtype), name);
    EXPECT_EQ(printed(dtype), name);
    EXPECT_EQ(dtype_from_name(name), dtype);
    EXPECT_EQ(element_size(dtype), size);
  }
  EXPECT_EQ(error_of([] { (void)dtype_from_name("float8"); }),
            "no dtype is called 'float8'; there are float32, float64, float16, bfloat16, int64, "
            "int32, int16, int8, uint8, bool");
  EXPECT_EQ(promote_types(uint8, int32), int32);
  EXPECT_EQ(promote_types(float32, int64), float32);
}

TEST(ShapeTest, HoldsEightNumbers) {
  Shape s = {2, 3};
  s.push_back(4);
  s.insert(0, 1);
  EXPECT_EQ(s, (Shape{1, 2, 3, 4}));
  s.erase(1);
  EXPECT_EQ(s.str(), "[1, 3, 4]");
  EXPECT_EQ(s.numel(), 12);
  EXPECT_EQ(Shape{}.numel(), 1);
  EXPECT_EQ(Shape{}.str(), "[]");
  EXPECT_EQ(error_of([] { Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}; }),
            "a tensor has at most 8 dimensions, got 9");
  Shape full = Shape::filled(8, 1);
  EXPECT_EQ(error_of([&] { full.push_back(1); }), "a tensor has at most 8 dimensions");
}

TEST(ShapeTest, CountsWithoutOverflow) {
  EXPECT_EQ((Shape{0, INT64_MAX, INT64_MAX}).numel(), 0);
  EXPECT_EQ((Shape{INT64_MAX, INT64_MAX, 0}).numel(), 0);
  EXPECT_EQ((Shape{INT64_MAX}).numel(), INT64_MAX);
  EXPECT_EQ(error_of([] {
              (void)Shape{INT64_MAX, 2}.numel();
            }),
            "a tensor of shape [9223372036854775807, 2] has more elements than can be counted");
  EXPECT_EQ(error_of([] { (void)Shape{0, -1}.numel(); }), "a size cannot be negative: [0, -1]");
  EXPECT_EQ(error_of([] { (void)Shape{-1, 0}.numel(); }), "a size cannot be negative: [-1, 0]");
}

TEST(ShapeTest, DenseLayouts) {
  EXPECT_EQ(dense_strides({2, 3, 4}), (Strides{12, 4, 1}));
  EXPECT_EQ(dense_strides({2, 3, 4, 5}, MemoryFormat::channels_last), (Strides{60, 1, 15, 3}));
  EXPECT_TRUE(is_dense({2, 1, 3}, {3, 99, 1}, MemoryFormat::contiguous));
  EXPECT_FALSE(is_dense({2, 3}, {1, 2}, MemoryFormat::contiguous));
  EXPECT_TRUE(is_dense({0, 3}, {7, 7}, MemoryFormat::contiguous));
  EXPECT_FALSE(is_dense({2, 3}, {3, 1}, MemoryFormat::channels_last));
  EXPECT_TRUE(is_dense_in_some_order({2, 3}, {1, 2}));
  EXPECT_FALSE(is_dense_in_some_order({2, 3}, {4, 1}));
  EXPECT_FALSE(is_dense_in_some_order({2, 3}, {0, 1}));
  EXPECT_FALSE(is_dense_in_some_order({2, 3}, {1, 1}));
  EXPECT_TRUE(is_dense_in_some_order({}, {}));
  EXPECT_TRUE(is_dense_in_some_order({INT64_MAX, 0, INT64_MAX}, {1, 1, 1}));
}

TEST(ShapeTest, Broadcasting) {
  EXPECT_EQ(broadcast_shapes("op", {3, 1}, {2, 1, 4}), (Shape{2, 3, 4}));
  EXPECT_EQ(broadcast_shapes("op", {}, {0}), (Shape{0}));
  EXPECT_EQ(broadcast_shapes("op", {1}, {0}), (Shape{0}));
  EXPECT_EQ(
      error_of([] {
        (void)broadcast_shapes("op", {2, 3}, {4, 1, 4});
      }),
      "op: shapes [2, 3] and [4, 1, 4] do not broadcast: dimension 2 is 4 in one and 3 in the "
      "other; they must be equal, or one of them 1");
}

TEST(ShapeTest, WrapsDimensions) {
  EXPECT_EQ(wrap_dim("op", -1, 3), 2);
  EXPECT_EQ(wrap_dim("op", 0, 0), 0);
  EXPECT_EQ(wrap_dim("op", -1, 0), 0);
  EXPECT_EQ(error_of([] { (void)wrap_dim("op", 3, 3); }),
            "op: dimension 3 is out of range for a tensor of 3 dimensions; -3 to 2 are valid");
}

}  // namespace
}  // namespace cuttle::test
