// The records of a zip file (PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.5), little-endian: what
// the reader and the writer share. Internal to io.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cuttle::zip {

inline constexpr uint32_t kLocalSignature = 0x04034b50, kCentralSignature = 0x02014b50,
                          kEndSignature = 0x06054b50, kEnd64Signature = 0x06064b50,
                          kLocator64Signature = 0x07064b50;
/// Sizes of the records without what is of variable length.
inline constexpr size_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22, kEnd64Bytes = 56,
                        kLocator64Bytes = 20;
/// The extra field that holds what does not fit in 32 bits, and what then stands in its place.
inline constexpr uint16_t kZip64Extra = 1;
inline constexpr uint32_t kIn64 = 0xFFFFFFFF;
inline constexpr uint16_t kCountIn64 = 0xFFFF;

}  // namespace cuttle::zip
