// MD5 and SHA-256 of data that arrives in pieces, and of files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

namespace cuttle {

enum class ChecksumKind { md5, sha256 };

/// Computes a checksum piece by piece.
class Checksum {
 public:
  explicit Checksum(ChecksumKind kind);
  ~Checksum();
  Checksum(Checksum&&) noexcept;
  Checksum& operator=(Checksum&&) noexcept;

  void update(const void* data, size_t bytes);
  /// The checksum of all pieces in lower-case hexadecimal digits; ends the computation.
  std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Throws Error if the file cannot be read.
std::string file_checksum(const std::filesystem::path& path, ChecksumKind kind);

}  // namespace cuttle
