// What every fuzzing program needs: its input as a file, and what a refusal may look like.
#pragma once

#include <cuttle/kernels/error.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace cuttle::fuzz {

/// Ends the program, which libFuzzer reports as a crash, unless `holds`.
inline void require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what.c_str());
  std::abort();
}

/// A file in memory, under a name that any reader can open.
class InputFile {
 public:
  InputFile() : descriptor_(::memfd_create("input", 0)) {
    require(descriptor_ >= 0, "there is a file in memory");
  }
  ~InputFile() { ::close(descriptor_); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  std::filesystem::path write(const void* data, size_t bytes) {
    require(::ftruncate(descriptor_, 0) == 0, "the file can be emptied");
    const auto written = ::pwrite(descriptor_, data, bytes, 0);
    require(written == static_cast<ssize_t>(bytes), "the file can be written");
    return "/proc/self/fd/" + std::to_string(descriptor_);
  }

 private:
  int descriptor_;
};

/// Calls parse(); false where it refused its input. An Error is the one thing it may throw, of one
/// line that is not long.
template <class Parse>
bool accepted(const Parse& parse) {
  try {
    parse();
    return true;
  } catch (const Error& error) {
    const std::string_view sentence = error.what();
    require(!sentence.empty() && sentence.size() < 2000, "the message is neither empty nor long");
    for (const char c : sentence) {
      require(static_cast<unsigned char>(c) >= 32 && c != 127, "the message can be printed");
    }
    return false;
  }
}

}  // namespace cuttle::fuzz
