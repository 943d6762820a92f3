// PyTorch's files: what two of its versions wrote (tests/golden/generate_torch_files.py), what is
// written and read again, shared memory and mappings. check_torch.py has the real reader.
#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/io/serialization.h>
#include <cuttle/io/zip/zip_reader.h>

#include <cmath>

#include "scratch.h"
#include "support/golden_path.h"

namespace cuttle {
namespace {

std::vector<double> values(const Value& tensor) {
  return tensor.to_tensor().to_vector<double>();
}

std::vector<double> counted(int begin, int end, int step = 1) {
  std::vector<double> all;
  for (int i = begin; i < end; i += step) all.push_back(i);
  return all;
}

class TorchsFile : public ::testing::TestWithParam<std::tuple<const char*, bool>> {
 protected:
  Value load_golden() const {
    return load_value(test::golden_path(std::get<0>(GetParam())),
                      {.mmap = std::get<1>(GetParam())});
  }
};
INSTANTIATE_TEST_SUITE_P(Versions, TorchsFile,
                         ::testing::Combine(::testing::Values("torch_1_13.pt", "torch_2_15.pt"),
                                            ::testing::Bool()));

TEST_P(TorchsFile, HasItsTensors) {
  const Value data = load_golden();
  EXPECT_EQ(values(data["base"]), counted(0, 24));
  EXPECT_EQ(values(data["view"]), counted(4, 20, 2));
  EXPECT_EQ(data["view"].to_tensor().strides(), Strides({2}));
  EXPECT_EQ(data["transposed"].to_tensor().shape(), Shape({6, 4}));
  EXPECT_EQ(data["transposed"].to_tensor().strides(), Strides({1, 6}));
  EXPECT_EQ(values(data["transposed"])[1], 6);
  EXPECT_EQ(values(data["expanded"]), std::vector<double>(6, 2.5));
  EXPECT_EQ(data["expanded"].to_tensor().strides(), Strides({0, 0}));
  for (const DType dtype :
       {float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8}) {
    const Tensor& tensor = data["dtypes"][std::string(dtype_name(dtype))].to_tensor();
    EXPECT_EQ(tensor.dtype(), dtype);
    EXPECT_EQ(tensor.to_vector<double>(), counted(0, 3)) << dtype;
  }
  EXPECT_EQ(data["dtypes"]["bool"].to_tensor().dtype(), boolean);
  EXPECT_EQ(values(data["dtypes"]["bool"]), (std::vector<double>{0, 1, 1}));
  EXPECT_EQ(data["scalar"].to_tensor().shape(), Shape());
  EXPECT_EQ(data["scalar"].to_tensor().item<int64_t>(), -7);
  EXPECT_EQ(data["empty"].to_tensor().shape(), Shape({0, 3}));
  EXPECT_EQ(values(data["parameter"]), (std::vector<double>{0.5, 0.5}));
  EXPECT_FALSE(data["parameter"].to_tensor().requires_grad());
}

TEST_P(TorchsFile, SharesWhatWasShared) {
  const Value data = load_golden();
  Tensor base = data["base"].to_tensor();
  base.fill_(3);
  EXPECT_EQ(values(data["view"]), std::vector<double>(8, 3));
  EXPECT_EQ(values(data["transposed"]), std::vector<double>(24, 3));
  EXPECT_TRUE(data["twice"][0].to_tensor().is_same(data["twice"][1].to_tensor()));
  EXPECT_EQ(values(load_golden()["base"]), counted(0, 24));  // the file stays as it is
}

TEST_P(TorchsFile, HasItsOtherData) {
  const Value data = load_golden();
  const Value::List& numbers = data["numbers"].items();
  const std::vector<int64_t> expected = {
      0, 255, 256, -1, 65535, INT32_MAX, INT32_MIN, int64_t{1} << 40, INT64_MIN};
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(numbers[i].to_int(), expected[i]);
  EXPECT_EQ(numbers[9].to_double(), 0.1);
  EXPECT_EQ(numbers[10].to_double(), -INFINITY);
  EXPECT_TRUE(numbers[11].to_bool());
  EXPECT_FALSE(numbers[12].to_bool());
  EXPECT_TRUE(numbers[13].is_none());
  EXPECT_EQ(data["texts"][0].to_string(), "");
  EXPECT_EQ(data["texts"][1].to_string(), "größe");
  EXPECT_EQ(data["texts"][2].to_string().size(), 600u);
  EXPECT_TRUE(data["nested"][1]["a"][0][0].dict().empty());
  EXPECT_TRUE(data["nested"][-2].items().empty());
  EXPECT_TRUE(data["size"].is_tuple());
  EXPECT_EQ(data["size"][1].to_int(), 3);
  EXPECT_EQ(data["dtype"].to_string(), "torch.float16");
  EXPECT_EQ(data["device"].to_string(), "cpu");
  EXPECT_EQ(data["counter"][3].to_int(), 2);
  const Value& training = data["training"];
  EXPECT_EQ(training["model"]["0.weight"].to_tensor().strides(), Strides({18, 1, 6, 2}));
  EXPECT_EQ(training["optimizer"]["param_groups"][0]["betas"][1].to_double(), 0.999);
  EXPECT_EQ(training["optimizer"]["state"][3]["step"].to_double(), 1);
  EXPECT_EQ(training["scheduler"]["milestones"][3].to_int(), 1);
}

class TorchFileTest : public testing::ScratchTest {};

TEST_F(TorchFileTest, RoundTripsEveryKind) {
  const Value data =
      Dict{{"none", Value()},
           {"bools", Value::List{true, false}},
           {"integers", Tuple{{0, 255, 256, -1, INT32_MAX, INT64_MIN, INT64_MAX}}},
           {"numbers", Value::List{0.1, -0.0, INFINITY, 5e-324}},
           {"texts", Value::List{"", "größe", std::string(70000, 'x'), std::string("a\0b", 3)}},
           {"empty", Value::List{Dict(), Tuple(), Value::List()}},
           {"keys", Dict{{0, "zero"}, {-5, "five"}, {"0", "text"}, {int64_t{1} << 40, "large"}}}};
  save(data, path("x.pt"));
  const Value again = load_value(path("x.pt"));
  EXPECT_TRUE(again["none"].is_none());
  EXPECT_TRUE(again["bools"][0].to_bool());
  EXPECT_FALSE(again["bools"][1].to_bool());
  EXPECT_TRUE(again["integers"].is_tuple());
  for (int i = 0; i < 7; ++i)
    EXPECT_EQ(again["integers"][i].to_int(), data["integers"][i].to_int());
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(again["numbers"][i].to_double(), data["numbers"][i].to_double());
  EXPECT_TRUE(std::signbit(again["numbers"][1].to_double()));
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(again["texts"][i].to_string(), data["texts"][i].to_string());
  EXPECT_TRUE(again["empty"][0].dict().empty());
  EXPECT_TRUE(again["empty"][1].is_tuple());
  EXPECT_TRUE(again["empty"][2].is_list());
  EXPECT_EQ(again["keys"][0].to_string(), "zero");
  EXPECT_EQ(again["keys"]["0"].to_string(), "text");
  EXPECT_EQ(again["keys"][int64_t{1} << 40].to_string(), "large");
  EXPECT_EQ(names(), std::vector<std::string>{"x.pt"});
}

TEST_F(TorchFileTest, RoundTripsEveryDtypeShapeAndLayout) {
  StateDict tensors;
  for (const DType dtype : {float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8})
    for (const Shape& shape : {Shape(), Shape({0, 2}), Shape({2, 1, 3, 4}), Shape({7})})
      tensors.insert(std::string(dtype_name(dtype)) + shape.str(),
                     arange(shape.numel()).reshape(shape).to(dtype));
  tensors.insert("bool", arange(3) > 0);
  tensors.insert("channels_last",
                 arange(24).reshape({1, 2, 3, 4}).contiguous(MemoryFormat::channels_last));
  tensors.insert("part", arange(100).narrow(0, 10, 5));
  save(tensors, path("x.pth"));
  const StateDict again = load(path("x.pth"));
  ASSERT_EQ(again.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    const Tensor& read = again.at(name);
    EXPECT_EQ(read.dtype(), tensor.dtype()) << name;
    EXPECT_EQ(read.shape(), tensor.shape()) << name;
    EXPECT_EQ(read.to_vector<double>(), tensor.to_vector<double>()) << name;
    EXPECT_TRUE(read.is_contiguous()) << name;
  }
  EXPECT_EQ(load_names(path("x.pth")).size(), tensors.size());
  EXPECT_EQ(load(path("x.pth"), {"part"}).at("part").to_vector<double>(), counted(10, 15));
}

// Not the whole of a large tensor's memory for a small part of it.
TEST_F(TorchFileTest, WritesWhatIsUsed) {
  const Tensor large = arange(100'000);
  save(StateDict{{"a", large.narrow(0, 5, 1)}}, path("one.pt"));
  EXPECT_LT(std::filesystem::file_size(path("one.pt")), 2000u);
  save(StateDict{{"a", large.narrow(0, 5000, 10)}, {"b", large.narrow(0, 5005, 10)}},
       path("two.pt"));
  EXPECT_LT(std::filesystem::file_size(path("two.pt")), 2000u);
  const StateDict two = load(path("two.pt"));
  EXPECT_EQ(two.at("a").to_vector<double>(), counted(5000, 5010));
  Tensor a = two.at("a");
  a.fill_(0);
  EXPECT_EQ(two.at("b").to_vector<double>()[4], 0);
  EXPECT_EQ(two.at("b").to_vector<double>()[5], 5010);
}

TEST_F(TorchFileTest, SharesMemoryOfViews) {
  const Tensor base = arange(24).to(float32);
  save(Dict{{"base", base}, {"rows", base.view({4, 6}).narrow(1, 2, 3)}, {"same", base}},
       path("x.pt"));
  for (const bool mmap : {false, true}) {
    const Value data = load_value(path("x.pt"), {.mmap = mmap});
    EXPECT_EQ(data["rows"].to_tensor().strides(), Strides({6, 1}));
    EXPECT_EQ(values(data["rows"])[3], 8);
    Tensor again = data["base"].to_tensor();
    again.fill_(-1);
    EXPECT_EQ(values(data["rows"]), std::vector<double>(12, -1));
    EXPECT_EQ(values(data["same"]), std::vector<double>(24, -1));
  }
}

// Payloads lie where PyTorch puts them, so that a mapping can hold elements of any type.
TEST_F(TorchFileTest, AlignsPayloads) {
  save(StateDict{{"a", ones({1})}, {"b", ones({3}).to(float64)}, {"c", zeros({0})}}, path("x.pt"));
  size_t payloads = 0;
  for (const zip::Member& member : zip::read_members(File::open_for_reading(path("x.pt")))) {
    EXPECT_EQ(member.begin % 64, 0u) << member.name;
    payloads += member.name.starts_with("archive/data/");
  }
  EXPECT_EQ(payloads, 3u);
}

TEST_F(TorchFileTest, SameDataSameFile) {
  for (const char* name : {"a.pt", "b.pt"}) save(StateDict{{"w", arange(5)}}, path(name));
  EXPECT_EQ(testing::read_file(path("a.pt")), testing::read_file(path("b.pt")));
}

// Strides of no elements may be beyond 64 bits.
TEST_F(TorchFileTest, ReadsEmptyTensorsOfHugeSizes) {
  for (const Shape& shape : {Shape{0, int64_t{3} << 30, int64_t{3} << 31},
                             Shape{int64_t{1} << 40, int64_t{1} << 40, 0}}) {
    save(Value(zeros(shape)), path("x.pt"));
    EXPECT_EQ(load_value(path("x.pt")).to_tensor().shape(), shape);
  }
}

// A reader of few bytes that stand for many cannot tell them from an attack.
TEST_F(TorchFileTest, LongTextsAreWrittenEachTime) {
  const std::string text(1000, 'x'), name(100, 'y');
  const Value data = Value::List{text, text, name, name};
  save(data, path("x.pt"));
  const auto bytes = std::filesystem::file_size(path("x.pt"));
  EXPECT_GT(bytes, 2 * text.size() + name.size());
  save(Value(Value::List{text, text, name}), path("y.pt"));
  EXPECT_LT(bytes, std::filesystem::file_size(path("y.pt")) + name.size());
  const Value again = load_value(path("x.pt"));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(again[i].to_string(), data[i].to_string());
}

TEST_F(TorchFileTest, SaysWhatCannotBeWritten) {
  EXPECT_ERROR(save(StateDict{{"w", Tensor()}}, path("x.pt")), "tensor \"w\" is undefined");
  EXPECT_ERROR(save(Value("\xff"), path("x.pt")), "is not UTF-8");
  EXPECT_ERROR(save(StateDict{}, path("x.pt"), {{"a", "b"}}), "has no metadata");
  EXPECT_ERROR(load_metadata(path("x.pt")), "has no metadata");
  EXPECT_ERROR(save(StateDict{}, path("x.bin")), "the formats there are: .safetensors, .pt, .pth");
  EXPECT_ERROR(save(Value(1), path("x.safetensors")),
               "holds names and tensors, not a whole number");
  EXPECT_ERROR(save(Dict{{"epoch", 1}}, path("x.safetensors")), "\"epoch\" is a whole number");
  Value deep;
  for (int i = 0; i < 200; ++i) deep = Value::List{deep};
  EXPECT_ERROR(save(deep, path("x.pt")), "nested more than 100 deep");
  EXPECT_ERROR(save(Value(Value::List(400'000, Value(ones({})))), path("x.pt")),
               "could not be read again");
  EXPECT_TRUE(names().empty());
  save(Dict{{"epoch", 3}, {"w", ones({1})}}, path("x.pt"));
  EXPECT_ERROR(load(path("x.pt")), "x.pt: expected a dictionary of names and tensors; \"epoch\"");
  EXPECT_ERROR(load(path("x.pt"), {"v"}), "\"epoch\" is a whole number");
}

}  // namespace
}  // namespace cuttle
