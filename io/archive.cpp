// extract_tar_gz() on libarchive. CUTTLE_HAVE_ARCHIVE is defined where the build found it.
#include "archive.h"

#include <memory>
#include <string>
#include <vector>

#include "../kernels/error.h"
#include "atomic_file.h"

#if CUTTLE_HAVE_ARCHIVE
#include <archive.h>
#include <archive_entry.h>
#endif

namespace cuttle {

namespace fs = std::filesystem;

#if CUTTLE_HAVE_ARCHIVE
namespace {

struct FreeArchive {
  void operator()(::archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<::archive, FreeArchive>;

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

// ARCHIVE_OK or ARCHIVE_EOF; everything else, warnings too, is an error.
int checked(::archive* reader, int code) {
  if (code == ARCHIVE_OK || code == ARCHIVE_EOF) return code;
  const char* reason = archive_error_string(reader);
  fail("it is damaged or no .tar.gz: ", reason != nullptr ? reason : "unknown reason");
}

// The entry's path, which must stay inside the folder it is unpacked to.
fs::path safe_path(::archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr || *name == '\0') fail("an entry has no readable name");
  const fs::path path = fs::path(name).lexically_normal();
  if (path.is_absolute() || (!path.empty() && *path.begin() == "..")) {
    fail("entry ", name, " leads out of the archive");
  }
  return path;
}

void unpack_file(::archive* reader, const fs::path& path) {
  fs::create_directories(path.parent_path());
  File file = File::create(path);
  std::vector<char> piece(1 << 18);
  while (true) {
    const auto bytes = archive_read_data(reader, piece.data(), piece.size());
    if (bytes < 0) checked(reader, static_cast<int>(bytes));
    if (bytes <= 0) break;
    file.write(piece.data(), static_cast<size_t>(bytes));
  }
  file.sync();
  file.close();
}

void unpack_all(::archive* reader, const fs::path& into) {
  ::archive_entry* entry = nullptr;
  while (checked(reader, archive_read_next_header(reader, &entry)) != ARCHIVE_EOF) {
    const fs::path path = safe_path(entry);
    if (archive_entry_hardlink(entry) != nullptr) fail("entry ", path.string(), " is a link");
    if (archive_entry_filetype(entry) == AE_IFDIR) {
      fs::create_directories(into / path);
    } else if (archive_entry_filetype(entry) == AE_IFREG) {
      unpack_file(reader, into / path);
    } else {
      fail("entry ", path.string(), " is neither a file nor a folder");
    }
  }
}

// Moves what was unpacked into its place; what it replaces goes to `discarded`.
void move_in(const fs::path& unpacked, const fs::path& into, const fs::path& discarded) {
  for (const auto& entry : fs::directory_iterator(unpacked)) {
    const fs::path target = into / entry.path().filename();
    if (fs::exists(fs::symlink_status(target))) fs::rename(target, discarded / target.filename());
    fs::rename(entry.path(), target);
  }
}

}  // namespace

void extract_tar_gz(const fs::path& archive, const fs::path& into) {
  try {
    const Reader reader(archive_read_new());
    archive_read_support_filter_gzip(reader.get());
    archive_read_support_format_tar(reader.get());
    checked(reader.get(), archive_read_open_filename(reader.get(), archive.c_str(), 1 << 16));
    fs::create_directories(into);
    const ScratchFolder scratch(side_path(into / archive.filename()));
    fs::create_directory(scratch.path() / "new");
    fs::create_directory(scratch.path() / "old");
    unpack_all(reader.get(), scratch.path() / "new");
    move_in(scratch.path() / "new", into, scratch.path() / "old");
  } catch (const std::exception& error) {
    fail("extract_tar_gz: cannot unpack ", archive.string(), " into ", into.string(), ": ",
         error.what());
  }
}

#else

void extract_tar_gz(const fs::path& archive, const fs::path&) {
  fail("extract_tar_gz: cannot unpack ", archive.string(),
       ": this build has no libarchive (install libarchive-dev and configure again)");
}

#endif

}  // namespace cuttle
