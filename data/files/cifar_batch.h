// The two kinds of files that CIFAR-10 and CIFAR-100 come in: records of bytes, and Python's
// pickles. Internal to data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cuttle {

/// One label of an example.
struct CifarLabel {
  std::string key;  // in the Python files
  int64_t classes = 0;
};

/// What a file must hold.
struct CifarLayout {
  std::vector<CifarLabel> labels;  // in the order of the records' bytes
  size_t examples = 0;
};

inline constexpr size_t kCifarSide = 32;
inline constexpr size_t kCifarImage = kCifarSide * kCifarSide * 3;  // bytes

/// Where a file's contents go; the caller owns the memory.
struct CifarPlaces {
  uint8_t* pixels = nullptr;     // (examples, 32, 32, 3)
  std::vector<int64_t*> labels;  // (examples) for each of the layout's labels
};

/// Reads records of one byte for each label and three planes of 1024 bytes: red, green, blue.
/// Throws Error naming the file, and the offset of a label that is out of range.
void read_cifar_records(const std::filesystem::path& path, const CifarLayout& layout,
                        const CifarPlaces& places);

/// Reads a pickled dictionary of "data", a NumPy array (examples, 3072) of uint8, and one list of
/// integers for each label, as Python 2 and 3 and NumPy 1 and 2 write it in protocol 2. Throws
/// Error naming the file for anything else; nothing in the pickle is ever called.
void read_cifar_pickle(const std::filesystem::path& path, const CifarLayout& layout,
                       const CifarPlaces& places);

}  // namespace cuttle
