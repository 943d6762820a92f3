// extract_tar_gz(): a folder beside, and moving in. CUTTLE_HAVE_ARCHIVE is defined where the build
// found libarchive and zlib.
#include "archive.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "../../core/text.h"
#include "../../kernels/error.h"
#include "../files/atomic_file.h"
#include "tar.h"

namespace cuttle {

namespace fs = std::filesystem;

#if CUTTLE_HAVE_ARCHIVE
namespace {

// Makes a folder and those above it that are absent; they are gone again at the end of the scope
// without keep(), unless something was put into them.
class MadeFolders {
 public:
  MadeFolders() = default;
  ~MadeFolders() {
    std::error_code ignored;  // a destructor has nobody to tell
    for (auto path = made_.rbegin(); path != made_.rend(); ++path) fs::remove(*path, ignored);
  }
  MadeFolders(const MadeFolders&) = delete;
  MadeFolders& operator=(const MadeFolders&) = delete;
  void make(const fs::path& folder) {
    fs::path path;
    for (const fs::path& part : fs::absolute(folder).lexically_normal()) {
      path /= part;
      if (fs::create_directory(path)) made_.push_back(path);
    }
  }
  void keep() { made_.clear(); }

 private:
  std::vector<fs::path> made_;
};

// A folder that is gone with everything in it at the end of the scope.
class ScratchFolder {
 public:
  explicit ScratchFolder(fs::path path) : path_(std::move(path)) { fs::create_directory(path_); }
  ~ScratchFolder() {
    std::error_code ignored;  // a destructor has nobody to tell
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Renames one after the other, and back again, the last first, without keep().
class Renames {
 public:
  Renames() = default;
  ~Renames() {
    std::error_code ignored;  // a destructor has nobody to tell
    for (auto done = done_.rbegin(); done != done_.rend(); ++done) {
      fs::rename(done->second, done->first, ignored);
    }
  }
  Renames(const Renames&) = delete;
  Renames& operator=(const Renames&) = delete;
  void add(const fs::path& from, const fs::path& to) {
    done_.reserve(done_.size() + 1);
    fs::rename(from, to);
    done_.emplace_back(from, to);
  }
  void keep() { done_.clear(); }

 private:
  std::vector<std::pair<fs::path, fs::path>> done_;
};

// Moves what was unpacked into its place, in the order of the names. A folder that is there already
// keeps what the archive has not; what is replaced goes to `discarded`.
void move_in(const fs::path& unpacked, const fs::path& into, const fs::path& discarded,
             Renames& renames) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(unpacked)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  for (const fs::path& entry : entries) {
    const fs::path target = into / entry.filename(), aside = discarded / entry.filename();
    const fs::file_status there = fs::symlink_status(target);
    if (fs::is_directory(there) && fs::is_directory(fs::symlink_status(entry))) {
      fs::create_directory(aside);
      move_in(entry, target, aside, renames);
      continue;
    }
    if (fs::exists(there)) renames.add(target, aside);
    renames.add(entry, target);
  }
}

}  // namespace

void extract_tar_gz(const fs::path& archive, const fs::path& into) {
  try {
    MadeFolders folders;
    folders.make(into);
    const ScratchFolder scratch(side_path(into / archive.filename()));
    fs::create_directory(scratch.path() / "new");
    fs::create_directory(scratch.path() / "old");
    unpack_tar_gz(archive, scratch.path() / "new");
    Renames renames;
    move_in(scratch.path() / "new", into, scratch.path() / "old", renames);
    renames.keep();
    folders.keep();
  } catch (const std::exception& error) {
    fail("extract_tar_gz: cannot unpack ", archive.string(), " into ", into.string(), ": ",
         printable(error.what(), 1000));
  }
}

#else

void extract_tar_gz(const fs::path& archive, const fs::path&) {
  fail(
      "extract_tar_gz: cannot unpack ", archive.string(),
      ": this build has no libarchive (install libarchive-dev and zlib1g-dev and configure again)");
}

#endif

}  // namespace cuttle
