// Every rule of the safetensors header: known keys once each, shapes whose bytes do not overflow,
// spans without holes or overlaps that end where the file ends. The JSON is taken as it comes,
// event by event: no tree of it is ever built, so neither depth nor the number of tensors matters.
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "../../core/text.h"
#include "header.h"

namespace cuttle::safetensors {
namespace {

// Throws where the element count or the bytes overflow 63 bits.
uint64_t checked_bytes(const Entry& entry) {
  uint64_t bytes = element_size(entry.dtype);
  for (const int64_t size : entry.shape) {
    const auto factor = static_cast<uint64_t>(size);
    constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    if (factor != 0 && bytes > kMax / factor) fail("the shape ", entry.shape, " overflows");
    bytes *= factor;
  }
  return bytes;
}

// What one tensor's object has said until now.
struct Description {
  std::string dtype;
  std::vector<uint64_t> shape;
  std::vector<uint64_t> offsets;
  bool has_dtype = false, has_shape = false, has_offsets = false;
};

Entry entry_of(const std::string& name, const Description& given, uint64_t buffer_bytes) {
  if (!given.has_dtype || !given.has_shape || !given.has_offsets) {
    fail("its description lacks its dtype, shape or data_offsets");
  }
  if (given.offsets.size() != 2) fail("data_offsets is not a list of two numbers");
  Entry entry{.name = name, .shape = {}, .begin = given.offsets[0], .end = given.offsets[1]};
  if (entry.begin > entry.end || entry.end > buffer_bytes) {
    fail("it claims bytes ", entry.begin, " to ", entry.end, " of a buffer of ", buffer_bytes,
         "; the file is cut short or its header is wrong");
  }
  const auto known = std::find_if(kDTypes.begin(), kDTypes.end(),
                                  [&](const auto& pair) { return pair.first == given.dtype; });
  if (known == kDTypes.end()) {
    entry.unsupported = "it has dtype " + printable(given.dtype) +
                        ", which is not supported (F32, F64, F16, BF16, I64, I32, I16, I8, U8 "
                        "and BOOL are)";
    return entry;
  }
  entry.dtype = known->second;
  if (given.shape.size() > static_cast<size_t>(kMaxRank)) {
    entry.unsupported = "it has " + std::to_string(given.shape.size()) +
                        " dimensions, more than the " + std::to_string(kMaxRank) + " supported";
    return entry;
  }
  for (const uint64_t size : given.shape) {
    if (size > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      fail("the size ", size, " overflows");
    }
    entry.shape.push_back(static_cast<int64_t>(size));
  }
  if (checked_bytes(entry) != entry.end - entry.begin) {
    fail("its shape ", entry.shape, " and dtype ", entry.dtype, " take ", checked_bytes(entry),
         " bytes, but data_offsets give ", entry.end - entry.begin);
  }
  return entry;
}

// Receives the events of nlohmann's parser, and is always at one of these places.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderReader(uint64_t buffer_bytes) : buffer_bytes_(buffer_bytes) {}

  Header header;

  bool null() override {
    if (skips_ || (place_ == Place::names && key_ == kMetadataKey)) return value_skipped();
    return other("null");
  }
  bool boolean(bool value) override {
    return skips_ ? value_skipped() : other(value ? "true" : "false");
  }
  bool number_integer(int64_t value) override {
    return skips_ ? value_skipped() : other(std::to_string(value));
  }
  bool number_float(double, const std::string& text) override {
    return skips_ ? value_skipped() : other(printable(text));
  }
  bool number_unsigned(uint64_t value) override {
    if (skips_) return value_skipped();
    if (place_ == Place::shape) {
      description_.shape.push_back(value);
    } else if (place_ == Place::offsets) {
      description_.offsets.push_back(value);
    } else {
      return other(std::to_string(value));
    }
    return true;
  }
  bool string(std::string& text) override {
    if (skips_) return value_skipped();
    if (place_ == Place::metadata) {
      header.metadata[key_] = text;
    } else if (place_ == Place::entry && key_ == "dtype") {
      description_.dtype = text;
      description_.has_dtype = true;
    } else {
      return other(in_quotes(text));
    }
    return true;
  }
  bool binary(nlohmann::json::binary_t&) override { return false; }  // JSON has none

  bool key(std::string& key) override {
    if (skips_) return true;
    if (place_ == Place::entry) {
      skips_ = key != "dtype" && key != "shape" && key != "data_offsets";
      const bool twice = (key == "dtype" && description_.has_dtype) ||
                         (key == "shape" && description_.has_shape) ||
                         (key == "data_offsets" && description_.has_offsets);
      if (twice) refuse("the key \"", key, "\" comes twice");
    } else {
      const bool first =
          place_ == Place::names ? names_.insert(key).second : !header.metadata.contains(key);
      if (!first) fail("the key ", in_quotes(key), " comes twice");
      if (place_ == Place::names) name_ = key;
    }
    key_ = key;
    return true;
  }

  bool start_object(size_t) override {
    descend();
    if (skips_) return ++skipped_, true;
    if (place_ == Place::file) {
      place_ = Place::names;
    } else if (place_ == Place::names) {
      place_ = key_ == kMetadataKey ? Place::metadata : Place::entry;
      description_ = {};
    } else {
      other("an object");
    }
    return true;
  }
  bool start_array(size_t) override {
    descend();
    if (skips_) return ++skipped_, true;
    if (place_ == Place::entry && key_ == "shape") {
      place_ = Place::shape;
      description_.has_shape = true;
    } else if (place_ == Place::entry && key_ == "data_offsets") {
      place_ = Place::offsets;
      description_.has_offsets = true;
    } else {
      other("a list");
    }
    return true;
  }
  bool end_object() override {
    --depth_;
    if (skips_) return --skipped_, value_skipped();
    if (place_ == Place::entry) {
      try {
        header.entries.push_back(entry_of(name_, description_, buffer_bytes_));
      } catch (const Error& error) {
        refuse(error.what());
      }
    }
    place_ = place_ == Place::names ? Place::file : Place::names;
    return true;
  }
  bool end_array() override {
    --depth_;
    if (skips_) return --skipped_, value_skipped();
    place_ = Place::entry;
    return true;
  }

  bool parse_error(size_t, const std::string&, const nlohmann::json::exception& error) override {
    fail("the header is not JSON: ", printable(error.what(), 300));
  }

 private:
  enum class Place { file, names, metadata, entry, shape, offsets };
  static constexpr const char* kMetadataKey = "__metadata__";

  template <class... Words>
  [[noreturn]] void refuse(const Words&... words) const {
    fail("tensor ", in_quotes(name_), ": ", words...);
  }

  // A value that cannot stand where it does; `found` is what it is.
  [[noreturn]] bool other(std::string_view found) const {
    switch (place_) {
      case Place::names:
        if (key_ == kMetadataKey) fail("__metadata__ is not an object but ", found);
        refuse("it is not described by an object but by ", found);
      case Place::metadata:
        fail("__metadata__: the value of ", in_quotes(key_), " is not a string but ", found);
      case Place::entry:
        if (key_ == "dtype") refuse("dtype is not a string but ", found);
        if (key_ == "shape") refuse("shape is not a list but ", found);
        refuse("data_offsets is not a list of two numbers but ", found);
      case Place::shape:
        refuse("shape holds ", found, ", not a whole number from 0 up");
      case Place::offsets:
        refuse("data_offsets holds ", found, ", not a whole number from 0 up");
      case Place::file:
        break;
    }
    fail("the header is not an object but ", found);
  }

  void descend() {
    if (++depth_ > kMaxDepth) fail("the header is nested more than ", kMaxDepth, " deep");
  }

  // At the end of a value: whether the one that is passed over goes on.
  bool value_skipped() {
    skips_ = skipped_ > 0;
    return true;
  }

  uint64_t buffer_bytes_;
  Place place_ = Place::file;
  int depth_ = 0;
  bool skips_ = false;  // inside the value of a key that does not matter
  int skipped_ = 0;     // how deep inside
  std::string name_;    // of the tensor
  std::string key_;     // the last one that mattered
  Description description_;
  std::unordered_set<std::string> names_;
};

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
      fail("tensor ", in_quotes(entry->name), " begins at byte ", entry->begin, ", ",
           entry->begin < end ? "inside" : "behind a hole after", " the one that ends at ", end);
    }
    end = entry->end;
  }
  if (end != buffer_bytes) {
    fail("the tensors take ", end, " bytes, but ", buffer_bytes, " follow the header");
  }
}

}  // namespace

Header parse_header(std::string_view json, uint64_t buffer_bytes) {
  if (json.empty() || json[0] != '{') fail("the header does not begin with '{'");
  // The parser would take it for the end.
  if (const size_t zero = json.find('\0'); zero != std::string_view::npos) {
    fail("the header is not JSON: byte ", zero, " is zero");
  }
  HeaderReader reader(buffer_bytes);
  nlohmann::json::sax_parse(json, &reader);
  check_spans(reader.header.entries, buffer_bytes);
  return std::move(reader.header);
}

}  // namespace cuttle::safetensors
