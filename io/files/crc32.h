// Two checksums of 32 bits: CRC-32 of PNG's chunks and of zip's members, CRC-32C (Castagnoli) of
// TensorBoard's records.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace cuttle {

namespace detail {
using CrcTables = std::array<std::array<uint32_t, 256>, 8>;

/// Entry b of table k: the remainder of byte b with k zero bytes behind it; bits reflected, in the
/// polynomial too.
constexpr CrcTables make_crc_tables(uint32_t polynomial) {
  CrcTables tables{};
  for (uint32_t b = 0; b < 256; ++b) {
    uint32_t remainder = b;
    for (int bit = 0; bit < 8; ++bit)
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? polynomial : 0u);
    tables[0][b] = remainder;
  }
  for (size_t k = 1; k < tables.size(); ++k)
    for (size_t b = 0; b < 256; ++b)
      tables[k][b] = (tables[k - 1][b] >> 8) ^ tables[0][tables[k - 1][b] & 0xFFu];
  return tables;
}

/// Eight bytes at a time, whose contributions are looked up side by side.
template <uint32_t kPolynomial>
uint32_t crc(const void* data, size_t bytes) {
  static constexpr CrcTables kTables = make_crc_tables(kPolynomial);
  const auto* byte = static_cast<const unsigned char*>(data);
  uint32_t crc = 0xFFFFFFFFu;
  for (; bytes >= 8; bytes -= 8, byte += 8) {
    uint32_t next = 0;
    for (size_t i = 0; i < 8; ++i)
      next ^= kTables[7 - i][byte[i] ^ (i < 4 ? (crc >> (8 * i)) & 0xFFu : 0u)];
    crc = next;
  }
  for (; bytes > 0; --bytes, ++byte) crc = (crc >> 8) ^ kTables[0][(crc ^ *byte) & 0xFFu];
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
