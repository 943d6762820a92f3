// AtomicFile: fsync, rename, and removal of what was not committed.
#include "atomic_file.h"

#include <unistd.h>

#include <atomic>
#include <string>
#include <utility>

#include "../kernels/error.h"

namespace cuttle {

namespace fs = std::filesystem;

fs::path side_path(const fs::path& path) {
  static std::atomic<unsigned> counter{0};
  fs::path side = path;
  side += "." + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".part";
  return side;
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)), side_path_(side_path(path_)) {
  const fs::path folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
  if (!fs::is_directory(folder)) {
    fail("cannot write ", path_.string(), ": there is no folder ", folder.string(),
         "; create it first");
  }
  if (fs::is_directory(path_)) fail("cannot write ", path_.string(), ": it is a folder");
  side_ = File::create(side_path_);
}

AtomicFile::~AtomicFile() {
  std::error_code ignored;  // a destructor has nobody to tell
  if (!committed_) fs::remove(side_path_, ignored);
}

void AtomicFile::commit() {
  side_.sync();
  side_.close();
  std::error_code error;
  fs::rename(side_path_, path_, error);
  if (error)
    fail("cannot rename ", side_path_.string(), " to ", path_.string(), ": ", error.message());
  committed_ = true;
}

}  // namespace cuttle
