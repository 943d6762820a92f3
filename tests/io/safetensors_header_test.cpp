// Headers as foreign writers and hostile ones make them. What is taken and what is not is what the
// format's own library (0.8.0) did with these very headers.
#include <cuttle/core/creation.h>
#include <cuttle/io/serialization.h>

#include <cstring>

#include "scratch.h"

namespace cuttle {
namespace {

const std::string kA = R"("dtype":"U8","shape":[4],"data_offsets":[0,4])";

class SafetensorsHeaderTest : public testing::ScratchTest {
 protected:
  std::filesystem::path file(const std::string& header, const std::string& buffer = "1234") const {
    const uint64_t length = header.size();
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    testing::write_file(path("x.safetensors"), bytes + header + buffer);
    return path("x.safetensors");
  }
  void expect_taken(const std::string& header) const {
    const StateDict tensors = load(file(header));
    ASSERT_EQ(tensors.size(), 1u) << header.substr(0, 200);
    EXPECT_EQ(tensors.at("a").to_vector<uint8_t>(), (std::vector<uint8_t>{'1', '2', '3', '4'}));
  }
  /// The sentence stays short, however long the header.
  void expect_refused(const std::string& header, const std::string& part) const {
    const std::string sentence = testing::error_of([&] { load(file(header)); });
    EXPECT_NE(sentence.find(part), std::string::npos) << sentence.substr(0, 1000);
    EXPECT_LT(sentence.size(), 700u);
    for (const char c : sentence) EXPECT_TRUE(c < 0 || c >= 32) << int{c};
  }
};

std::string nested(size_t depth, const char* open, const std::string& inside, char close) {
  std::string text;
  for (size_t i = 0; i < depth; ++i) text += open;
  return text + inside + std::string(depth, close);
}

TEST_F(SafetensorsHeaderTest, TakesNullMetadataAndUnknownKeys) {
  expect_taken(R"({"__metadata__":null,"a":{)" + kA + "}}");
  EXPECT_TRUE(load_metadata(path("x.safetensors")).empty());
  expect_taken(R"({"__metadata__":{},"a":{)" + kA + "}}");
  for (const char* value : {"0", "-1", "1.5", "null", "true", "\"text\"", "[]", "{}",
                            R"([1,{"dtype":"F32"},[[]]])", R"({"shape":[{}],"shape":2})"}) {
    expect_taken(R"({"a":{"z":)" + std::string(value) + "," + kA + "}}");
    expect_taken(R"({"a":{)" + kA + R"(,"z":)" + value + R"(,"z":)" + value + "}}");
  }
  // In any order, and with spaces behind.
  expect_taken(R"({"a":{"data_offsets":[0,4],"shape":[4],"z":[],"dtype":"U8"}}   )");
}

TEST_F(SafetensorsHeaderTest, RefusesWhatTheLibraryRefuses) {
  expect_refused(R"({"__metadata__":[],"a":{)" + kA + "}}", "__metadata__ is not an object");
  expect_refused(R"({"__metadata__":"x","a":{)" + kA + "}}", "__metadata__ is not an object");
  expect_refused(R"({"__metadata__":{"k":null},"a":{)" + kA + "}}", "\"k\" is not a string");
  expect_refused(R"({"__metadata__":{"k":{}},"a":{)" + kA + "}}", "\"k\" is not a string");
  expect_refused(R"({"__metadata__":null,"__metadata__":null,"a":{)" + kA + "}}", "comes twice");
  expect_refused(R"({"a":{"dtype":"U8",)" + kA + "}}", "the key \"dtype\" comes twice");
  expect_refused(R"({"a":{"shape":[4],)" + kA + "}}", "the key \"shape\" comes twice");
  expect_refused(R"({"a":{"data_offsets":[0,4],)" + kA + "}}", "\"data_offsets\" comes twice");
  expect_refused(R"({"a":null})", "not described by an object");
  expect_refused(R"({"a":1})", "not described by an object");
  expect_refused(R"({"a":{"dtype":null,"shape":[4],"data_offsets":[0,4]}})",
                 "dtype is not a string but null");
  expect_refused(R"({"a":{"dtype":"U8","shape":{},"data_offsets":[0,4]}})", "shape is not a list");
  expect_refused(R"({"a":{"dtype":"U8","shape":[[4]],"data_offsets":[0,4]}})",
                 "shape holds a list");
  expect_refused(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,5]}})",
                 "not a list of two numbers");
  expect_refused(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4.0]}})",
                 "data_offsets holds 4.0");
  expect_refused(R"({"a":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,4]}})",
                 "shape holds 1844674407370955161");
  expect_refused(R"({"a":{)" + kA + R"(,"z":1e999}})", "not JSON");
  expect_refused(R"({"a":{)" + kA + R"(,"z":NaN}})", "not JSON");
  expect_refused(R"({"a":{)" + kA + "}}x", "not JSON");
  expect_refused(R"({"a":{)" + kA + "}}" + std::string(1, '\0'), "is zero");
  expect_refused(R"({"a":{)" + kA + R"(,"\ud800":1}})", "not JSON");
}

TEST_F(SafetensorsHeaderTest, DepthIsBounded) {
  expect_taken(R"({"a":{)" + kA + R"(,"z":)" + nested(125, "[", "", ']') + "}}");
  expect_refused(R"({"a":{)" + kA + R"(,"z":)" + nested(126, "[", "", ']') + "}}",
                 "nested more than 127 deep");
  constexpr size_t kMillion = 1'000'000;
  expect_refused(R"({"a":{)" + kA + R"(,"z":)" + nested(kMillion, "[", "", ']') + "}}",
                 "nested more than 127 deep");
  expect_refused(nested(kMillion, "{\"a\":", "1", '}'), "nested more than 127 deep");
  expect_refused(R"({"a":{"shape":)" + nested(kMillion, "[", "", ']') + "}}", "shape holds a list");
  expect_refused(R"({"__metadata__":)" + nested(kMillion, "{\"k\":", "1", '}') + "}",
                 "is not a string");
  expect_refused(nested(kMillion, "[", "", ']'), "does not begin with '{'");
}

TEST_F(SafetensorsHeaderTest, MessagesStayShort) {
  const std::string long_text(5'000'000, 'x');
  expect_refused(R"({"a":{"dtype":"U8","shape":")" + long_text + R"(","data_offsets":[0,4]}})",
                 "shape is not a list but \"xxx");
  expect_refused(R"({"a":{"dtype":"U8","shape":[")" + long_text + R"("],"data_offsets":[0,4]}})",
                 "(5000000 bytes), not a whole number");
  expect_refused(R"({"a":{"dtype":")" + long_text + R"(","shape":[4],"data_offsets":[0,4]}})",
                 "it has dtype xxx");
  expect_refused(R"({")" + long_text + R"(":{}})", "(5000000 bytes): its description lacks");
  expect_refused(R"({")" + long_text + R"(":{"dtype":"U8","shape":[3],"data_offsets":[0,4]}})",
                 "(5000000 bytes): its shape [3]");
  expect_refused(R"({")" + long_text + R"(":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                 "(5000000 bytes) begins at byte 1");
  expect_refused(R"({"__metadata__":{")" + long_text + R"(":1}})", "(5000000 bytes) is not a");
  expect_refused(R"({"a":{"shape":[0.)" + std::string(1'000'000, '1') + "]}}",
                 "(1000002 bytes), not a whole number");
  expect_refused("{\"a\":" + long_text, "not JSON");
  expect_refused(R"({"a\n\u001b[31m\u202e":1})", R"("a\x0a\x1b[31m\xe2\x80\xae")");
}

TEST_F(SafetensorsHeaderTest, OneTensorOfAnUnknownKindLeavesTheOthers) {
  const std::string header =
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
      R"("half":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[1,3]},)"
      R"("deep":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[3,4]},)"
      R"("new":{"dtype":"Q7_X","shape":[3],"data_offsets":[4,6]},)"
      R"("b":{"dtype":"U8","shape":[2],"data_offsets":[6,8]}})";
  file(header, "12345678");
  const std::filesystem::path saved = path("x.safetensors");
  EXPECT_ERROR(load(saved), "tensor \"half\": it has dtype F8_E4M3, which is not supported");
  EXPECT_ERROR(load(saved), "load(path, names) reads others");
  EXPECT_EQ(load_names(saved), (std::vector<std::string>{"a", "half", "deep", "new", "b"}));
  EXPECT_TRUE(load_metadata(saved).empty());
  const StateDict tensors = load(saved, {"b", "a"});
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors.begin()->first, "b");  // in the order asked for
  EXPECT_EQ(tensors.at("b").to_vector<uint8_t>(), (std::vector<uint8_t>{'7', '8'}));
  EXPECT_EQ(tensors.at("a").to_vector<uint8_t>(), (std::vector<uint8_t>{'1'}));
  EXPECT_TRUE(load(saved, std::initializer_list<std::string>{}).empty());
  EXPECT_ERROR(load(saved, {"a", "half"}), "\"half\": it has dtype F8_E4M3");
  EXPECT_ERROR(load(saved, {"deep"}), "\"deep\": it has 9 dimensions");
  EXPECT_ERROR(load(saved, {"new"}), "\"new\": it has dtype Q7_X");
  EXPECT_ERROR(load(saved, {"absent"}),
               "there is no tensor \"absent\"; there are: \"a\", \"half\"");
  EXPECT_ERROR(load(saved, {"a", "a"}), "'a' is there twice");
}

TEST_F(SafetensorsHeaderTest, ManyTensorsKeepTheirOrder) {
  StateDict tensors;
  for (int i = 0; i < 40'000; ++i) {
    tensors.insert("block." + std::to_string(i * 7919 % 40'000) + ".weight", full({2}, i));
  }
  save(tensors, path("x.safetensors"));
  const StateDict loaded = load(path("x.safetensors"));
  ASSERT_EQ(loaded.size(), tensors.size());
  auto next = tensors.begin();
  for (const auto& [name, value] : loaded) {
    ASSERT_EQ(name, next->first);
    ASSERT_EQ(value.to_vector<float>(), next->second.to_vector<float>()) << name;
    ++next;
  }
}

}  // namespace
}  // namespace cuttle
