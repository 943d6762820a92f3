// unpack_tar_gz() on libarchive, which is given what our own GzipReader has decompressed: its own
// does not compare checksums.
#include "tar.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "../../core/text.h"
#include "../../kernels/error.h"
#include "../files/file.h"
#include "gzip.h"

namespace cuttle {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kBlock = 512;  // a tar is made of such; zero ones mark its end

// What libarchive's callback reads from. It must not throw through C: an error waits in `problem`.
struct Source {
  explicit Source(const fs::path& archive) : gzip(File::open_for_reading(archive)) {}

  size_t read() {
    const size_t bytes = gzip.read(piece.data(), piece.size());
    for (size_t i = bytes; i > 0; --i) {
      if (piece[i - 1] == 0) continue;
      end_of_contents = place + static_cast<int64_t>(i);
      break;
    }
    place += static_cast<int64_t>(bytes);
    return bytes;
  }

  GzipReader gzip;
  std::vector<char> piece = std::vector<char>(1 << 16);
  int64_t place = 0;            // how much of the tar was read
  int64_t end_of_contents = 0;  // behind the last byte of it that is not zero
  std::string problem;
};

la_ssize_t on_read(::archive* reader, void* user, const void** data) {
  auto& source = *static_cast<Source*>(user);
  try {
    *data = source.piece.data();
    return static_cast<la_ssize_t>(source.read());
  } catch (const std::exception& error) {
    source.problem = error.what();
    archive_set_error(reader, EIO, "see problem");
    return ARCHIVE_FATAL;
  }
}

class TarReader {
 public:
  explicit TarReader(const fs::path& archive) : source_(archive), reader_(archive_read_new()) {
    archive_read_support_format_tar(reader_.get());
    checked(archive_read_open(reader_.get(), &source_, nullptr, on_read, nullptr));
  }

  void unpack(const fs::path& into) {
    ::archive_entry* entry = nullptr;
    while (checked(archive_read_next_header(reader_.get(), &entry)) != ARCHIVE_EOF) {
      unpack_entry(entry, into);
    }
    check_end();
  }

 private:
  struct Free {
    void operator()(::archive* reader) const { archive_read_free(reader); }
  };

  [[noreturn]] static void damaged(std::string_view reason) {
    fail("it is damaged or no .tar.gz: ", reason);
  }

  // ARCHIVE_OK or ARCHIVE_EOF; everything else, warnings too, is an error.
  int checked(int code) {
    if (!source_.problem.empty()) damaged(source_.problem);
    if (code == ARCHIVE_OK || code == ARCHIVE_EOF) return code;
    const char* reason = archive_error_string(reader_.get());
    damaged((reason != nullptr ? printable(reason) : "unknown reason") + ", in the entry at byte " +
            std::to_string(archive_read_header_position(reader_.get())) + " of the tar");
  }

  // Behind the last entry: zero blocks to the end, the end mark; and all checksums are right.
  void check_end() {
    const int64_t end_of_entries = archive_read_header_position(reader_.get());
    try {
      while (source_.read() > 0) continue;
    } catch (const Error& error) {
      damaged(error.what());
    }
    if (source_.end_of_contents > end_of_entries) damaged("something follows the end of the tar");
    if (source_.place - end_of_entries < kBlock)
      damaged("it is cut short: the tar has no end mark");
  }

  void unpack_entry(::archive_entry* entry, const fs::path& into) {
    const fs::path path = safe_path(entry);
    const std::string name = in_quotes(path.string());
    if (archive_entry_hardlink(entry) != nullptr) fail("entry ", name, " is a link");
    // A hole of any size takes no room in the archive, and all the disk when it is unpacked.
    if (archive_entry_sparse_count(entry) > 0) fail("entry ", name, " has holes");
    if (archive_entry_filetype(entry) == AE_IFDIR) {
      fs::create_directories(into / path);
    } else if (archive_entry_filetype(entry) == AE_IFREG) {
      unpack_file(into / path);
    } else {
      fail("entry ", name, " is neither a file nor a folder");
    }
  }

  // The entry's path, which must stay inside the folder it is unpacked to.
  static fs::path safe_path(::archive_entry* entry) {
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr || *name == '\0') fail("an entry has no readable name");
    const fs::path path = fs::path(name).lexically_normal();
    if (path.is_absolute() || (!path.empty() && *path.begin() == "..")) {
      fail("entry ", in_quotes(name), " leads out of the archive");
    }
    constexpr size_t kLongestPart = 255, kLongest = 1000;  // of bytes, as file systems have it
    const bool fits = std::all_of(path.begin(), path.end(), [](const fs::path& part) {
      return part.native().size() <= kLongestPart;
    });
    if (!fits || path.native().size() > kLongest) {
      fail("entry ", in_quotes(name), " has a name too long for a file");
    }
    return path;
  }

  void unpack_file(const fs::path& path) {
    fs::create_directories(path.parent_path());
    File file = File::create(path);
    std::vector<char> piece(1 << 18);
    while (true) {
      const auto bytes = archive_read_data(reader_.get(), piece.data(), piece.size());
      if (bytes < 0) checked(static_cast<int>(bytes));
      if (bytes <= 0) break;
      file.write(piece.data(), static_cast<size_t>(bytes));
    }
    file.sync();
    file.close();
  }

  Source source_;
  std::unique_ptr<::archive, Free> reader_;
};

}  // namespace

void unpack_tar_gz(const fs::path& archive, const fs::path& into) {
  TarReader(archive).unpack(into);
}

}  // namespace cuttle
