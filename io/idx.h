// The format of MNIST's files: an array's type, its dimensions, its elements. Internal to io and
// data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "../core/dtype.h"

namespace cuttle {

/// The largest array that is read, in bytes.
inline constexpr uint64_t kMaxIdxBytes = uint64_t{1} << 30;

struct IdxArray {
  DType dtype = DType::uint8;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;  // of the elements, in row-major order and this machine's byte order
};

/// Reads an idx file, gzipped or not: which of the two it is, its first bytes say. Throws Error
/// naming the file and the offset (in a gzipped file that of the contents) for one that is no idx
/// file, is cut short, goes on behind its end, or claims more elements than it has or than are
/// read.
IdxArray read_idx(const std::filesystem::path& path);

}  // namespace cuttle
