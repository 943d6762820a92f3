// Writes the header of a safetensors file, tensor by tensor in the given order.
#include "header.h"

#include <nlohmann/json.hpp>

#include "../../core/text.h"

namespace cuttle::safetensors {
namespace {

std::string_view dtype_code(DType dtype) {
  for (const auto& [code, known] : kDTypes) {
    if (known == dtype) return code;
  }
  fail("the format has no ", dtype);
}

// A JSON string, in its quotation marks.
std::string json_string(const char* what, std::string_view text) {
  if (!is_utf8(text)) fail(what, " ", in_quotes(text), " is not UTF-8");
  return nlohmann::json(text).dump();
}

std::string json_metadata(const Metadata& metadata) {
  std::string text = "\"__metadata__\":{";
  for (const auto& [key, value] : metadata) {
    if (text.back() != '{') text += ',';
    text +=
        json_string("the metadata's key", key) + ':' + json_string("the metadata's value", value);
  }
  return text + '}';
}

std::string json_entry(const Entry& entry) {
  if (entry.name == "__metadata__") fail("no tensor can be named __metadata__");
  std::string sizes;
  for (const int64_t size : entry.shape) {
    sizes += (sizes.empty() ? "" : ",") + std::to_string(size);
  }
  return json_string("the name", entry.name) + R"(:{"dtype":")" +
         std::string(dtype_code(entry.dtype)) + R"(","shape":[)" + sizes + R"(],"data_offsets":[)" +
         std::to_string(entry.begin) + ',' + std::to_string(entry.end) + "]}";
}

}  // namespace

std::string write_header(const Header& header) {
  std::string text = "{";
  if (!header.metadata.empty()) text += json_metadata(header.metadata);
  for (const Entry& entry : header.entries) {
    if (text.size() > 1) text += ',';
    text += json_entry(entry);
  }
  text += '}';
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kMaxHeaderBytes) fail("the header would take more than 100,000,000 bytes");
  return text;
}

}  // namespace cuttle::safetensors
