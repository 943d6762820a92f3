// File on POSIX descriptors.
#include "file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "../../kernels/error.h"

namespace cuttle {
namespace {

int checked_open(const std::filesystem::path& path, int flags, const char* what,
                 unsigned mode = 0) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) fail("cannot ", what, " ", path.string(), ": ", std::strerror(errno));
  return descriptor;
}

}  // namespace

File::File(int descriptor, std::filesystem::path path)
    : descriptor_(descriptor), path_(std::move(path)) {}

File::~File() {
  if (is_open()) ::close(descriptor_);
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

File File::open_for_reading(const std::filesystem::path& path) {
  File file(checked_open(path, O_RDONLY, "open"), path);
  struct stat status {};
  if (::fstat(file.descriptor_, &status) == 0 && S_ISDIR(status.st_mode)) {
    fail("cannot read ", path.string(), ": it is a folder");
  }
  return file;
}

File File::create(const std::filesystem::path& path, unsigned mode) {
  return File(checked_open(path, O_WRONLY | O_CREAT | O_EXCL, "create", mode), path);
}

File File::open_alone(const std::filesystem::path& path, unsigned mode) {
  File file(checked_open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, "create", mode), path);
  struct stat opened {
  }, named{};
  const bool alone = ::flock(file.descriptor_, LOCK_EX | LOCK_NB) == 0 &&
                     ::fstat(file.descriptor_, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
                     opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
  return alone ? std::move(file) : File();
}

uint64_t File::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) {
    fail("cannot read the size of ", path_.string(), ": ", std::strerror(errno));
  }
  return static_cast<uint64_t>(status.st_size);
}

void File::write(const void* data, size_t bytes) {
  const auto* next = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = ::write(descriptor_, next, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write ", path_.string(), ": ", std::strerror(errno));
    next += written;
    bytes -= static_cast<size_t>(written);
  }
}

void File::read_at(uint64_t offset, void* data, size_t bytes) const {
  auto* next = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t got = ::pread(descriptor_, next, bytes, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("cannot read ", path_.string(), ": ", std::strerror(errno));
    if (got == 0) {
      fail(path_.string(), " is cut short: it ends at byte ", offset, ", ", bytes,
           " more were expected");
    }
    next += got;
    offset += static_cast<uint64_t>(got);
    bytes -= static_cast<size_t>(got);
  }
}

void File::set_owner_and_mode(unsigned user, unsigned group, unsigned mode) {
  struct stat status {};
  int result = ::fstat(descriptor_, &status);
  if (result == 0 && (status.st_uid != user || status.st_gid != group)) {
    result = ::fchown(descriptor_, user, group);
    // A new owner takes the set-user and set-group bits away.
    if (result == 0) result = ::fstat(descriptor_, &status);
  }
  // File systems that know neither owners nor modes refuse any change of them.
  if (result == 0 && (status.st_mode & 07777) != mode) result = ::fchmod(descriptor_, mode);
  if (result != 0) {
    fail("cannot give ", path_.string(), " to user ", user, " and group ", group, ": ",
         std::strerror(errno));
  }
}

void File::truncate(uint64_t bytes) {
  const auto place = static_cast<off_t>(bytes);
  if (::ftruncate(descriptor_, place) != 0 || ::lseek(descriptor_, place, SEEK_SET) < 0) {
    fail("cannot cut ", path_.string(), " to ", bytes, " bytes: ", std::strerror(errno));
  }
}

void File::sync() {
  // EINVAL: a pipe or a file system without fsync; there is nothing to wait for.
  if (::fsync(descriptor_) != 0 && errno != EINVAL) {
    fail("cannot write ", path_.string(), " to disk: ", std::strerror(errno));
  }
}

void File::sync_folder(const std::filesystem::path& folder) {
  if (::access(folder.c_str(), R_OK) != 0) return;
  File(checked_open(folder, O_RDONLY | O_DIRECTORY, "open"), folder).sync();
}

void File::close() {
  const int descriptor = std::exchange(descriptor_, -1);
  if (descriptor >= 0 && ::close(descriptor) != 0 && errno != EINTR) {
    fail("cannot write ", path_.string(), ": ", std::strerror(errno));
  }
}

}  // namespace cuttle
