// A file descriptor that closes itself and whose failures are sentences. For the library's own
// readers and writers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace cuttle {

/// An open file. Every member throws Error naming the file and the system's reason.
class File {
 public:
  /// Not open.
  File() = default;
  ~File();
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  static File open_for_reading(const std::filesystem::path& path);
  /// A new file; throws Error if there is one of that name. The umask is taken off `mode`.
  static File create(const std::filesystem::path& path, unsigned mode = 0666);
  /// The file of that name, or a new one, for this process alone: not open if another has it so, or
  /// gives it another name just now. What is written goes to its end.
  static File open_alone(const std::filesystem::path& path, unsigned mode = 0666);

  bool is_open() const noexcept { return descriptor_ >= 0; }
  const std::filesystem::path& path() const noexcept { return path_; }
  /// The system's number of it, for what File does not do itself.
  int descriptor() const noexcept { return descriptor_; }
  /// In bytes.
  uint64_t size() const;

  /// Appends all of `data`, `bytes` bytes.
  void write(const void* data, size_t bytes);
  /// Reads exactly `bytes` bytes from `offset`; a file that ends before is an Error.
  void read_at(uint64_t offset, void* data, size_t bytes) const;
  /// Gives it to `user` and `group` if it belongs to others, then sets the twelve bits of `mode`.
  void set_owner_and_mode(unsigned user, unsigned group, unsigned mode);
  /// Cuts the file to `bytes`; the next write goes there.
  void truncate(uint64_t bytes);
  /// Waits until the disk has it.
  void sync();
  /// Waits until the disk has the names of a folder's files. Does nothing if this process may not
  /// read it, without which nobody can.
  static void sync_folder(const std::filesystem::path& folder);
  /// Closing reports what the system could not write; the destructor cannot.
  void close();

 private:
  File(int descriptor, std::filesystem::path path);

  int descriptor_ = -1;
  std::filesystem::path path_;
};

}  // namespace cuttle
