// AtomicFile: whose file it becomes and where, fsync, rename, and removal of what was not
// committed.
#include "atomic_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "../../core/warning.h"
#include "../../kernels/error.h"

namespace cuttle {

namespace fs = std::filesystem;

fs::path side_path(const fs::path& path) {
  static std::atomic<unsigned> counter{0};
  fs::path side = path;
  side += "." + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".part";
  return side;
}

namespace {

// The file that a chain of symbolic links ends at, there or not; each is relative to its own
// folder.
fs::path follow_links(const fs::path& path) {
  // The system has rules of its own whom it lets follow which link: what it refuses is refused
  // here.
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 && errno != ENOENT && errno != ENOTDIR) {
    fail("cannot write ", path.string(), ": ",
         errno == ELOOP ? "its links lead in a circle" : std::strerror(errno));
  }
  fs::path target = path;
  std::error_code error;
  while (fs::symlink_status(target, error).type() == fs::file_type::symlink) {
    const fs::path next = fs::read_symlink(target, error);
    if (error) fail("cannot read the link ", target.string(), ": ", error.message());
    target = target.parent_path() / next;  // an absolute link replaces all of it
  }
  return target;
}

}  // namespace

AtomicFile::AtomicFile(fs::path path, Side side)
    : path_(follow_links(path)), side_path_(side_path(path_)), kept_(side == Side::kept) {
  try {
    create_side();
  } catch (const std::exception& error) {
    const std::string target = path_ == path ? "" : ", which leads to " + path_.string();
    fail("cannot write ", path.string(), target, ": ", error.what());
  }
}

fs::path AtomicFile::folder() const {
  return path_.has_parent_path() ? path_.parent_path() : fs::path(".");
}

void AtomicFile::create_side() {
  const fs::path folder = this->folder();
  struct stat there {};
  if (::stat(folder.c_str(), &there) != 0 || !S_ISDIR(there.st_mode)) {
    fail("there is no folder ", folder.string(), "; create it first");
  }
  if (::stat(path_.c_str(), &there) != 0) {
    if (errno != ENOENT) fail(std::strerror(errno));
    open_side(0666);
    return;
  }
  if (S_ISDIR(there.st_mode)) fail("it is a folder");
  if (!S_ISREG(there.st_mode)) fail("it is not a regular file");
  open_side(0600);  // until it is known whose it is, nobody else's
  try {
    side_.set_owner_and_mode(there.st_uid, there.st_gid, there.st_mode & 07777);
  } catch (const Error&) {  // better written for fewer people than lost
    warn(path_.string() + " belonged to user " + std::to_string(there.st_uid) + " and group " +
         std::to_string(there.st_gid) +
         ", to whom this process cannot give a file; from now on its own user alone can read it");
  }
}

void AtomicFile::open_side(unsigned mode) {
  if (kept_) {
    fs::path kept_path = path_;
    kept_path += ".partial";
    side_ = File::open_alone(kept_path, mode);
    kept_ = side_.is_open();
    if (kept_) side_path_ = kept_path;
  }
  if (!kept_) side_ = File::create(side_path_, mode);
}

AtomicFile::~AtomicFile() {
  std::error_code ignored;  // a destructor has nobody to tell
  const bool stays = committed_ || (kept_ && fs::file_size(side_path_, ignored) > 0 && !ignored);
  if (!stays) fs::remove(side_path_, ignored);
}

void AtomicFile::commit() {
  side_.sync();
  side_.close();
  std::error_code error;
  fs::rename(side_path_, path_, error);
  if (error)
    fail("cannot rename ", side_path_.string(), " to ", path_.string(), ": ", error.message());
  committed_ = true;
  File::sync_folder(folder());
}

}  // namespace cuttle
