// CRC-32C (Castagnoli), the checksum of TensorBoard's records.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace cuttle {

namespace detail {
/// Entry b: the remainder of byte b, bits reflected, polynomial 0x1EDC6F41.
constexpr std::array<uint32_t, 256> make_crc32c_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t b = 0; b < 256; ++b) {
    uint32_t remainder = b;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0x82F63B78u : 0u);
    }
    table[b] = remainder;
  }
  return table;
}
}  // namespace detail

/// The CRC-32C of `bytes` bytes; "123456789" gives 0xE3069283.
inline uint32_t crc32c(const void* data, size_t bytes) {
  static constexpr std::array<uint32_t, 256> kTable = detail::make_crc32c_table();
  const auto* byte = static_cast<const unsigned char*>(data);
  uint32_t crc = 0xFFFFFFFFu;
  for (size_t i = 0; i < bytes; ++i) crc = (crc >> 8) ^ kTable[(crc ^ byte[i]) & 0xFFu];
  return crc ^ 0xFFFFFFFFu;
}

/// As TFRecord stores it: rotated and shifted, so that a CRC of data that holds CRCs stays strong.
inline uint32_t masked_crc32c(const void* data, size_t bytes) {
  const uint32_t crc = crc32c(data, bytes);
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

}  // namespace cuttle
