// Every rule of the safetensors header: known keys once each, shapes whose bytes do not overflow,
// spans without holes or overlaps that end where the file ends.
#include "safetensors_header.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

namespace cuttle::safetensors {
namespace {

using nlohmann::ordered_json;

constexpr std::array<std::pair<std::string_view, DType>, 6> kDTypes = {{
    {"F32", DType::float32},
    {"F64", DType::float64},
    {"I64", DType::int64},
    {"I32", DType::int32},
    {"U8", DType::uint8},
    {"BOOL", DType::boolean},
}};

std::string_view dtype_code(DType dtype) {
  for (const auto& [code, known] : kDTypes) {
    if (known == dtype) return code;
  }
  fail("no code for ", dtype);
}

DType dtype_of_code(const std::string& name, std::string_view code) {
  for (const auto& [known, dtype] : kDTypes) {
    if (known == code) return dtype;
  }
  fail("tensor \"", name, "\" has dtype ", code,
       ", which is not supported (F32, F64, I64, I32, U8 and BOOL are)");
}

// nlohmann's parser keeps the last of equal keys; the format forbids them.
ordered_json parse_with_distinct_keys(std::string_view json) {
  std::vector<std::set<std::string>> open_objects;
  const auto check = [&](int, ordered_json::parse_event_t event, ordered_json& value) {
    if (event == ordered_json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == ordered_json::parse_event_t::object_end) open_objects.pop_back();
    if (event == ordered_json::parse_event_t::key) {
      const auto& key = value.get_ref<const std::string&>();
      if (!open_objects.back().insert(key).second) fail("the key \"", key, "\" comes twice");
    }
    return true;
  };
  try {
    return ordered_json::parse(json, check);
  } catch (const nlohmann::json::exception& error) {
    fail("the header is not JSON: ", error.what());
  }
}

uint64_t unsigned_number(const std::string& name, const char* what, const ordered_json& value) {
  if (!value.is_number_unsigned()) {
    fail("tensor \"", name, "\": ", what, " holds ", value.dump(),
         ", not a whole number from 0 up");
  }
  return value.get<uint64_t>();
}

// Throws where the element count or the bytes overflow 63 bits.
uint64_t checked_bytes(const Entry& entry) {
  uint64_t bytes = element_size(entry.dtype);
  for (const int64_t size : entry.shape) {
    const auto factor = static_cast<uint64_t>(size);
    constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    if (factor != 0 && bytes > kMax / factor) {
      fail("tensor \"", entry.name, "\": the shape ", entry.shape, " overflows");
    }
    bytes *= factor;
  }
  return bytes;
}

Shape parse_shape(const std::string& name, const ordered_json& value) {
  if (!value.is_array()) fail("tensor \"", name, "\": shape is not a list");
  if (value.size() > static_cast<size_t>(kMaxRank)) {
    fail("tensor \"", name, "\" has ", value.size(), " dimensions, more than the ", kMaxRank,
         " supported");
  }
  Shape shape;
  for (const ordered_json& size : value) {
    const uint64_t number = unsigned_number(name, "shape", size);
    if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      fail("tensor \"", name, "\": the size ", number, " overflows");
    }
    shape.push_back(static_cast<int64_t>(number));
  }
  return shape;
}

Entry parse_entry(const std::string& name, const ordered_json& value, uint64_t buffer_bytes) {
  if (!value.is_object()) fail("tensor \"", name, "\" is not described by an object");
  for (const auto& [key, unused] : value.items()) {
    if (key != "dtype" && key != "shape" && key != "data_offsets") {
      fail("tensor \"", name, "\" has the unknown key \"", key, "\"");
    }
  }
  if (value.size() != 3) fail("tensor \"", name, "\" lacks its dtype, shape or data_offsets");
  if (!value["dtype"].is_string()) fail("tensor \"", name, "\": dtype is not a string");

  Entry entry;
  entry.name = name;
  entry.dtype = dtype_of_code(name, value["dtype"].get<std::string>());
  entry.shape = parse_shape(name, value["shape"]);
  const ordered_json& offsets = value["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2) {
    fail("tensor \"", name, "\": data_offsets is not a list of two numbers");
  }
  entry.begin = unsigned_number(name, "data_offsets", offsets[0]);
  entry.end = unsigned_number(name, "data_offsets", offsets[1]);
  if (entry.begin > entry.end || entry.end > buffer_bytes) {
    fail("tensor \"", name, "\" claims bytes ", entry.begin, " to ", entry.end, " of a buffer of ",
         buffer_bytes, "; the file is cut short or its header is wrong");
  }
  if (checked_bytes(entry) != entry.end - entry.begin) {
    fail("tensor \"", name, "\" of shape ", entry.shape, " and dtype ", entry.dtype, " takes ",
         checked_bytes(entry), " bytes, but data_offsets give ", entry.end - entry.begin);
  }
  return entry;
}

Metadata parse_metadata(const ordered_json& value) {
  if (!value.is_object()) fail("__metadata__ is not an object");
  Metadata metadata;
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) fail("__metadata__: the value of \"", key, "\" is not a string");
    metadata[key] = text.get<std::string>();
  }
  return metadata;
}

// The spans, put in order, must follow each other from 0 to the buffer's end.
void check_spans(const std::vector<Entry>& entries, uint64_t buffer_bytes) {
  std::vector<const Entry*> order;
  for (const Entry& entry : entries) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });
  uint64_t end = 0;
  for (const Entry* entry : order) {
    if (entry->begin != end) {
      fail("tensor \"", entry->name, "\" begins at byte ", entry->begin, ", ",
           entry->begin < end ? "inside" : "behind a hole after", " the one that ends at ", end);
    }
    end = entry->end;
  }
  if (end != buffer_bytes) {
    fail("the tensors take ", end, " bytes, but ", buffer_bytes, " follow the header");
  }
}

}  // namespace

std::string write_header(const Header& header) {
  ordered_json json = ordered_json::object();
  if (!header.metadata.empty()) json["__metadata__"] = header.metadata;
  for (const Entry& entry : header.entries) {
    if (entry.name == "__metadata__") fail("no tensor can be named __metadata__");
    ordered_json& value = json[entry.name];
    value["dtype"] = dtype_code(entry.dtype);
    value["shape"] = std::vector<int64_t>(entry.shape.begin(), entry.shape.end());
    value["data_offsets"] = {entry.begin, entry.end};
  }
  std::string text;
  try {
    text = json.dump();
  } catch (const nlohmann::json::exception& error) {
    fail("a name or the metadata is not UTF-8: ", error.what());
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kMaxHeaderBytes) fail("the header would take more than 100,000,000 bytes");
  return text;
}

Header parse_header(std::string_view json, uint64_t buffer_bytes) {
  if (json.empty() || json[0] != '{') fail("the header does not begin with '{'");
  const ordered_json root = parse_with_distinct_keys(json);
  Header header;
  for (const auto& [name, value] : root.items()) {
    if (name == "__metadata__") {
      header.metadata = parse_metadata(value);
    } else {
      header.entries.push_back(parse_entry(name, value, buffer_bytes));
    }
  }
  check_spans(header.entries, buffer_bytes);
  return header;
}

}  // namespace cuttle::safetensors
