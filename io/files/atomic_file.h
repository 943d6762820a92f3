// Writing a whole file so that its name never stands for half of it: beside it, then renamed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "file.h"

namespace cuttle {

/// A name in the same folder that no other process or thread uses: "model.pt" gives
/// "model.pt.<pid>-<n>.part".
std::filesystem::path side_path(const std::filesystem::path& path);

/// A file that appears under its name, whole, when commit() returns, and not at all before. What it
/// replaces stays readable until then, and hands down its mode and owner. A symbolic link stays
/// what it is: the file it leads to is written, or made. Without commit() the side file is removed.
class AtomicFile {
 public:
  /// Whose the side file is: this object's, gone with it; or, for what can be continued later,
  /// "model.pt.partial", which begins with what is there and stays unless it is empty. If another
  /// process has that one, this object takes its own.
  enum class Side { own, kept };

  /// Creates the side file. Throws Error if the folder is absent or cannot be written to, or if
  /// what is there is no regular file. Warns if its owner cannot be kept; the new file is then
  /// private.
  explicit AtomicFile(std::filesystem::path path, Side side = Side::own);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, size_t bytes) { side_.write(data, bytes); }
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// Empties it, to begin again.
  void restart() { side_.truncate(0); }
  /// How much was written, in bytes.
  uint64_t size() const { return side_.size(); }
  /// Where that is until commit().
  const std::filesystem::path& side() const noexcept { return side_path_; }
  /// Waits until the disk has the contents, gives the file its name, and waits until the disk has
  /// that, too.
  void commit();

 private:
  std::filesystem::path folder() const;
  void create_side();
  void open_side(unsigned mode);

  std::filesystem::path path_;  // no link
  std::filesystem::path side_path_;
  File side_;
  bool kept_ = false;
  bool committed_ = false;
};

}  // namespace cuttle
