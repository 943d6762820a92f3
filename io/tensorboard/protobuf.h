// Messages in protobuf's wire format, written by hand: a field is a varint (number · 8 + wire
// type), then its value. What event files are made of.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cuttle::tensorboard {

/// The bytes of a message; each call appends a field.
class Message {
 public:
  Message& integer(uint32_t field, int64_t value);
  Message& float32(uint32_t field, float value);
  Message& float64(uint32_t field, double value);
  /// A string, bytes, or another message.
  Message& bytes(uint32_t field, std::string_view value);
  Message& message(uint32_t field, const Message& value) { return bytes(field, value.str()); }
  /// repeated double, packed.
  Message& float64s(uint32_t field, std::span<const double> values);

  const std::string& str() const noexcept { return bytes_; }

 private:
  std::string bytes_;
};

/// Appends an integer or float as it lies in memory, little-endian.
template <class T>
void append_raw(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

}  // namespace cuttle::tensorboard
