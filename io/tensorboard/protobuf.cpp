#include "protobuf.h"

#include <bit>

namespace cuttle::tensorboard {
namespace {

static_assert(std::endian::native == std::endian::little, "event files are little-endian");

enum class Wire : uint32_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

void append_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
  out += static_cast<char>(value);
}

void append_key(std::string& out, uint32_t field, Wire wire) {
  append_varint(out, field << 3 | static_cast<uint32_t>(wire));
}

}  // namespace

Message& Message::integer(uint32_t field, int64_t value) {
  append_key(bytes_, field, Wire::varint);
  append_varint(bytes_, static_cast<uint64_t>(value));
  return *this;
}

Message& Message::float32(uint32_t field, float value) {
  append_key(bytes_, field, Wire::fixed32);
  append_raw(bytes_, value);
  return *this;
}

Message& Message::float64(uint32_t field, double value) {
  append_key(bytes_, field, Wire::fixed64);
  append_raw(bytes_, value);
  return *this;
}

Message& Message::bytes(uint32_t field, std::string_view value) {
  append_key(bytes_, field, Wire::bytes);
  append_varint(bytes_, value.size());
  bytes_.append(value);
  return *this;
}

Message& Message::float64s(uint32_t field, std::span<const double> values) {
  return bytes(field, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

}  // namespace cuttle::tensorboard
