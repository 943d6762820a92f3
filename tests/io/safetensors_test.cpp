// safetensors: a file of the format's own library, the bytes we write, and every broken header.
#include <cuttle/core/creation.h>
#include <cuttle/io/serialization.h>

#include <cstring>

#include "scratch.h"
#include "support/golden_path.h"

namespace cuttle {
namespace {

using testing::read_file;
using testing::write_file;

const std::filesystem::path kGolden = test::golden_path("io.safetensors");

std::string file_of(const std::string& header, const std::string& buffer) {
  const uint64_t length = header.size();
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  return file + header + buffer;
}

class SafetensorsTest : public testing::ScratchTest {
 protected:
  /// The Error of loading such a file.
  std::string fault(const std::string& header, const std::string& buffer) const {
    write_file(path("x.safetensors"), file_of(header, buffer));
    return testing::error_of([&] { load(path("x.safetensors")); });
  }
  void expect_fault(const std::string& header, const std::string& buffer,
                    const std::string& part) const {
    const std::string sentence = fault(header, buffer);
    EXPECT_NE(sentence.find(part), std::string::npos) << sentence;
    EXPECT_NE(sentence.find("x.safetensors"), std::string::npos) << sentence;
  }
};

TEST_F(SafetensorsTest, ReadsTheLibrarysFile) {
  const StateDict tensors = load(kGolden);
  EXPECT_EQ(tensors.size(), 9u);
  const Tensor& weight = tensors.at("conv.weight");
  EXPECT_EQ(weight.shape(), Shape({2, 3, 2, 2}));
  EXPECT_EQ(weight.dtype(), float32);
  const auto values = weight.to_vector<float>();
  for (int i = 0; i < 24; ++i) EXPECT_EQ(values[i], static_cast<float>(i - 12) / 8);
  EXPECT_EQ(tensors.at("double").to_vector<double>(), (std::vector<double>{1e300, -1e-300, 0.1}));
  EXPECT_EQ(tensors.at("steps").shape(), Shape({1, 2}));
  EXPECT_EQ(tensors.at("steps").to_vector<int64_t>(),
            (std::vector<int64_t>{-(int64_t{1} << 62), int64_t{1} << 62}));
  EXPECT_EQ(tensors.at("small").to_vector<int32_t>(),
            (std::vector<int32_t>{INT32_MIN, 0, INT32_MAX}));
  EXPECT_EQ(tensors.at("bytes").dtype(), uint8);
  EXPECT_EQ(tensors.at("bytes").to_vector<uint8_t>(), (std::vector<uint8_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(tensors.at("flags").dtype(), boolean);
  EXPECT_EQ(tensors.at("flags").to_vector<uint8_t>(), (std::vector<uint8_t>{1, 0, 1}));
  EXPECT_EQ(tensors.at("scalar").shape(), Shape());
  EXPECT_EQ(tensors.at("scalar").item(), 2.5);
  EXPECT_EQ(tensors.at("empty").shape(), Shape({0, 3}));
  EXPECT_EQ(tensors.at("名前 \"quoted\"").item<int64_t>(), 7);
  EXPECT_EQ(load_metadata(kGolden), (Metadata{{"format", "pt"}, {"note", "grüße"}}));
}

TEST_F(SafetensorsTest, WritesTheseBytes) {
  const StateDict tensors = {{"b", tensor<uint8_t>({7})}, {"a", tensor<int32_t>({1, 2})}};
  save(tensors, path("x.safetensors"), {{"k", "v"}});
  // Names in our order; the wider type first in the buffer; padding to a multiple of eight.
  std::string header =
      R"({"__metadata__":{"k":"v"},"b":{"dtype":"U8","shape":[1],"data_offsets":[8,9]},)"
      R"("a":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}})";
  while (header.size() % 8 != 0) header += ' ';
  EXPECT_EQ(read_file(path("x.safetensors")),
            file_of(header, std::string("\1\0\0\0\2\0\0\0\7", 9)));
  EXPECT_EQ(names().size(), 1u);
}

TEST_F(SafetensorsTest, RoundTripsEveryDtypeShapeAndLayout) {
  StateDict tensors;
  for (const DType dtype : {float32, float64, int64, int32, uint8, boolean}) {
    for (const int64_t size : {0, 1, 31, 33, 1025}) {
      const std::string name = std::string(dtype_name(dtype)) + "." + std::to_string(size);
      tensors.insert(name, arange(size).to(dtype));
    }
  }
  const Tensor matrix = arange(12).to(float32).reshape({3, 4});
  tensors.insert("transposed", matrix.t());
  tensors.insert("column", matrix.select(1, 2));
  tensors.insert(
      "channels_last",
      arange(120).to(float32).reshape({2, 3, 4, 5}).contiguous(MemoryFormat::channels_last));
  tensors.insert("leaf", ones({2}).requires_grad_());
  save(tensors, path("x.safetensors"));
  const StateDict loaded = load(path("x.safetensors"));
  ASSERT_EQ(loaded.size(), tensors.size());
  auto next = tensors.begin();
  for (const auto& [name, value] : loaded) {
    EXPECT_EQ(name, next->first);  // the order is kept
    EXPECT_EQ(value.dtype(), next->second.dtype()) << name;
    EXPECT_EQ(value.shape(), next->second.shape()) << name;
    EXPECT_EQ(value.to_vector<double>(), next->second.to_vector<double>()) << name;
    EXPECT_FALSE(value.requires_grad());
    ++next;
  }
}

TEST_F(SafetensorsTest, AnEmptyStateIsAFile) {
  save({}, path("x.safetensors"));
  EXPECT_TRUE(load(path("x.safetensors")).empty());
}

TEST_F(SafetensorsTest, BytesBeyondOneAreTrue) {
  write_file(path("x.safetensors"),
             file_of(R"({"a":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}})",
                     std::string("\0\1\2", 3)));
  EXPECT_EQ(load(path("x.safetensors")).at("a").to_vector<int64_t>(),
            (std::vector<int64_t>{0, 1, 1}));
}

TEST_F(SafetensorsTest, EveryFileCutShortIsAnError) {
  const std::string whole = read_file(kGolden);
  ASSERT_GT(whole.size(), 500u);
  for (size_t size = 0; size < whole.size(); ++size) {
    write_file(path("x.safetensors"), whole.substr(0, size));
    EXPECT_THROW(load(path("x.safetensors")), Error) << size;
  }
  write_file(path("x.safetensors"), whole + "x");
  EXPECT_ERROR(load(path("x.safetensors")), "follow the header");
}

TEST_F(SafetensorsTest, WrongBeginnings) {
  write_file(path("x.safetensors"), "PK\x03\x04 this is a zip file, not a safetensors file");
  EXPECT_ERROR(load(path("x.safetensors")), "not a safetensors file");
  write_file(path("x.safetensors"), "\x10");
  EXPECT_ERROR(load(path("x.safetensors")), "too few for the header's length");
  expect_fault("[]", "", "does not begin with '{'");
  expect_fault(R"( {"a":1})", "", "does not begin with '{'");
  expect_fault(R"({"a":)", "", "not JSON");
  expect_fault("{\"\xff\":1}", "", "not JSON");
}

TEST_F(SafetensorsTest, WrongEntries) {
  expect_fault(R"({"a":{"dtype":"F32","shape":[1]}})", "1234", "lacks its dtype, shape or");
  expect_fault(R"({"a":[]})", "", "not described by an object");
  expect_fault(R"({"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,4]}})", "1234",
               "dtype F8_E4M3");
  expect_fault(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "1234",
               "shape holds -1");
  expect_fault(R"({"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", "1234",
               "shape holds 1.0");
  expect_fault(R"({"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}})", "1234",
               "shape is not a list");
  expect_fault(R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})", "1",
               "has 9 dimensions");
  expect_fault(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}})", "1234",
               "list of two numbers");
  expect_fault(R"({"__metadata__":{"k":1}})", "", "is not a string");
}

TEST_F(SafetensorsTest, WrongSpans) {
  const auto entry = [](const std::string& name, const std::string& span) {
    return "\"" + name + R"(":{"dtype":"U8","shape":[2],"data_offsets":[)" + span + "]}";
  };
  expect_fault("{" + entry("a", "0,2") + "," + entry("b", "1,3") + "}", "123", "inside the one");
  expect_fault("{" + entry("a", "0,2") + "," + entry("b", "3,5") + "}", "12345", "a hole");
  expect_fault("{" + entry("a", "0,2") + "}", "123", "take 2 bytes, but 3 follow");
  expect_fault("{" + entry("a", "0,2") + "}", "1", "of a buffer of 1");
  expect_fault("{" + entry("a", "2,0") + "}", "12", "claims bytes 2 to 0");
  expect_fault("{" + entry("a", "0,3") + "}", "123", "take 2 bytes, but data_offsets give 3");
  expect_fault("{" + entry("a", "0,2") + "," + entry("a", "2,4") + "}", "1234", "comes twice");
  // The product of the sizes overflows 64 bits to 0, which is the span's length.
  expect_fault(R"({"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", "",
               "overflows");
  expect_fault(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[5,5]}})", "12",
               "of a buffer of 2");
}

TEST_F(SafetensorsTest, AMappedFileHasTheSameTensors) {
  const StateDict read = load(kGolden), mapped = load(kGolden, {.mmap = true});
  ASSERT_EQ(mapped.size(), read.size());
  for (const auto& [name, tensor] : read) {
    EXPECT_EQ(mapped.at(name).dtype(), tensor.dtype()) << name;
    EXPECT_EQ(mapped.at(name).shape(), tensor.shape()) << name;
    EXPECT_EQ(mapped.at(name).to_vector<double>(), tensor.to_vector<double>()) << name;
  }
}

// What is written to it stays in memory, and it outlives the file.
TEST_F(SafetensorsTest, AMappingIsThisProcesssOwn) {
  save({{"a", tensor<float>({1, 2})}}, path("x.safetensors"));
  Tensor mapped = load(path("x.safetensors"), {.mmap = true}).at("a");
  mapped.fill_(5);
  EXPECT_EQ(load(path("x.safetensors")).at("a").to_vector<float>(), (std::vector<float>{1, 2}));
  std::filesystem::remove(path("x.safetensors"));
  EXPECT_EQ(mapped.to_vector<float>(), (std::vector<float>{5, 5}));
}

// Elements where none of their size can lie are copied; bytes other than 0 and 1 are true.
TEST_F(SafetensorsTest, AMappingIsAligned) {
  write_file(path("x.safetensors"),
             file_of(R"({"b":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]},)"
                     R"("f":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})",
                     std::string("\7\0\0\x80\x3f", 5)));
  const StateDict mapped = load(path("x.safetensors"), {.mmap = true});
  EXPECT_EQ(reinterpret_cast<uintptr_t>(mapped.at("f").raw_data()) % 4, 0u);
  EXPECT_EQ(mapped.at("f").item(), 1);
  EXPECT_EQ(mapped.at("b").to_vector<uint8_t>(), std::vector<uint8_t>{1});
}

TEST_F(SafetensorsTest, WhatCannotBeSavedLeavesNothing) {
  EXPECT_ERROR(save({{"a", Tensor()}}, path("x.safetensors")), "\"a\" is undefined");
  EXPECT_ERROR(save({{"__metadata__", ones({1})}}, path("x.safetensors")), "__metadata__");
  EXPECT_ERROR(save({{"\xff", ones({1})}}, path("x.safetensors")), "not UTF-8");
  EXPECT_ERROR(save({{"a", ones({1})}}, path("x.bin")), "the formats there are: .safetensors");
  EXPECT_ERROR(save({{"a", ones({1})}}, path("absent/x.safetensors")), "there is no folder");
  EXPECT_ERROR(load(path("x.bin")), "the formats there are: .safetensors");
  EXPECT_ERROR(load(path("x.safetensors")), "No such file");
  EXPECT_TRUE(names().empty());
}

}  // namespace
}  // namespace cuttle
