// safetensors of the types of one and two bytes (tests/golden/generate_narrow_io.py).
#include <cuttle/core/creation.h>
#include <cuttle/io/serialization.h>

#include <cmath>

#include "scratch.h"
#include "support/golden_path.h"

namespace cuttle {
namespace {

using testing::read_file;

class SafetensorsNarrowTest : public testing::ScratchTest {};

TEST_F(SafetensorsNarrowTest, ReadsWhatPythonWrote) {
  const StateDict tensors = load(test::golden_path("narrow.safetensors"));
  EXPECT_EQ(tensors.at("half").dtype(), float16);
  const auto half = tensors.at("half").to_vector<double>();
  EXPECT_EQ(half, (std::vector<double>{0, -0.0, 1, -2.5, 65504, 0x1p-24, INFINITY}));
  EXPECT_TRUE(std::signbit(half[1]));
  EXPECT_EQ(tensors.at("brain").dtype(), bfloat16);
  EXPECT_EQ(tensors.at("brain").shape(), (Shape{2, 3}));
  EXPECT_EQ(tensors.at("brain").to_vector<double>(),
            (std::vector<double>{0, -1, 3.140625, 0x1p120, 0x1p-126, 1.5}));
  EXPECT_EQ(tensors.at("short").dtype(), int16);
  EXPECT_EQ(tensors.at("short").to_vector<int64_t>(), (std::vector<int64_t>{-32768, -1, 0, 32767}));
  EXPECT_EQ(tensors.at("byte").dtype(), int8);
  EXPECT_EQ(tensors.at("byte").to_vector<int64_t>(), (std::vector<int64_t>{-128, 0, 127}));
  EXPECT_EQ(tensors.at("none").shape(), (Shape{0, 2}));
}

// The tensors lie in the file by falling element size, and there as Python put them.
TEST_F(SafetensorsNarrowTest, WritesPythonsBytes) {
  const auto golden = test::golden_path("narrow.safetensors");
  save(load(golden), path("again.safetensors"));
  EXPECT_EQ(read_file(path("again.safetensors")), read_file(golden));
}

TEST_F(SafetensorsNarrowTest, EveryDtypeComesBack) {
  StateDict state;
  for (const DType dtype :
       {float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8, boolean})
    state.insert(std::string(dtype_name(dtype)),
                 arange(24, {.dtype = float32}).to(dtype).view({2, 3, 4}).transpose(0, 2));
  save(state, path("all.safetensors"));
  for (const auto& [name, read] : load(path("all.safetensors"))) {
    EXPECT_EQ(dtype_name(read.dtype()), name);
    EXPECT_EQ(read.to_vector<double>(), state.at(name).to_vector<double>()) << name;
  }
}

}  // namespace
}  // namespace cuttle
