// Numbers in the shortest form; globals and short strings once, and by their place in the memo
// then.
#include "writer.h"

#include <cstring>
#include <limits>

#include "../../core/text.h"
#include "../../kernels/error.h"

namespace cuttle::pickle {
namespace {

constexpr size_t kMaxKept = 256;  // bytes of a string

}  // namespace

void Writer::integer(int64_t value) {
  if (value >= 0 && value <= 0xFF) {
    item('K');
    number(static_cast<uint8_t>(value));
  } else if (value >= std::numeric_limits<int32_t>::min() &&
             value <= std::numeric_limits<int32_t>::max()) {
    item('J');
    number(static_cast<int32_t>(value));
  } else {
    item('\x8a');  // with its length
    number(uint8_t{8});
    number(value);
  }
}

void Writer::real(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  item('G');
  for (int shift = 56; shift >= 0; shift -= 8) bytes_ += static_cast<char>(bits >> shift & 0xFF);
}

void Writer::string(std::string_view text) {
  if (!is_utf8(text)) fail("the string ", in_quotes(text), " is not UTF-8");
  if (text.size() > std::numeric_limits<uint32_t>::max())
    fail("a string has ", text.size(), " bytes, beyond ", std::numeric_limits<uint32_t>::max());
  std::string written = "X";
  const auto length = static_cast<uint32_t>(text.size());
  written.append(reinterpret_cast<const char*>(&length), sizeof(length)).append(text);
  ++items_;
  // Readers bound how much is made of few bytes.
  if (text.size() > kMaxKept)
    bytes_ += written;
  else if (!recalled(written))
    keep(written);
}

void Writer::global(std::string_view name) {
  ++items_;
  const std::string written = "c" + std::string(name);
  if (!recalled(written)) keep(written);
}

bool Writer::recalled(const std::string& what) {
  const auto found = memo_.find(what);
  if (found == memo_.end()) return false;
  bytes_ += 'j';
  number(found->second);
  return true;
}

void Writer::keep(const std::string& what) {
  const auto key = static_cast<uint32_t>(memo_.size());
  memo_.emplace(what, key);
  bytes_ += what;
  bytes_ += 'r';
  number(key);
}

std::string Writer::finish() && {
  bytes_ += '.';
  return std::move(bytes_);
}

}  // namespace cuttle::pickle
