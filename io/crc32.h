// Two checksums of 32 bits: CRC-32 of PNG's chunks, CRC-32C (Castagnoli) of TensorBoard's records.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace cuttle {

namespace detail {
/// Entry b: the remainder of byte b; bits reflected, in the polynomial too.
constexpr std::array<uint32_t, 256> make_crc_table(uint32_t polynomial) {
  std::array<uint32_t, 256> table{};
  for (uint32_t b = 0; b < 256; ++b) {
    uint32_t remainder = b;
    for (int bit = 0; bit < 8; ++bit)
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? polynomial : 0u);
    table[b] = remainder;
  }
  return table;
}

template <uint32_t kPolynomial>
uint32_t crc(const void* data, size_t bytes) {
  static constexpr std::array<uint32_t, 256> kTable = make_crc_table(kPolynomial);
  const auto* byte = static_cast<const unsigned char*>(data);
  uint32_t crc = 0xFFFFFFFFu;
  for (size_t i = 0; i < bytes; ++i) crc = (crc >> 8) ^ kTable[(crc ^ byte[i]) & 0xFFu];
  return crc ^ 0xFFFFFFFFu;
}
}  // namespace detail

/// The CRC-32 of `bytes` bytes (polynomial 0x04C11DB7); "123456789" gives 0xCBF43926.
inline uint32_t crc32(const void* data, size_t bytes) {
  return detail::crc<0xEDB88320u>(data, bytes);
}

/// The CRC-32C of `bytes` bytes (polynomial 0x1EDC6F41); "123456789" gives 0xE3069283.
inline uint32_t crc32c(const void* data, size_t bytes) {
  return detail::crc<0x82F63B78u>(data, bytes);
}

/// As TFRecord stores it: rotated and shifted, so that a CRC of data that holds CRCs stays strong.
inline uint32_t masked_crc32c(const void* data, size_t bytes) {
  const uint32_t crc = crc32c(data, bytes);
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

}  // namespace cuttle
