// Progress on stderr.
#include "progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace cuttle {

using std::chrono::steady_clock;

Progress::Progress(std::string name, bool enabled, uint64_t already)
    : name_(std::move(name)),
      enabled_(enabled),
      terminal_(::isatty(STDERR_FILENO) == 1),
      already_(already),
      begin_(steady_clock::now()),
      last_print_(begin_) {}

void Progress::update(uint64_t bytes, uint64_t total) {
  if (!enabled_ || bytes == 0) return;
  const auto time = steady_clock::now();
  if (terminal_) {
    if (time - last_print_ < std::chrono::milliseconds(200) && bytes != total) return;
  } else if (total > 0) {
    if (bytes * 10 < total * next_tenth_) return;
    next_tenth_ = bytes * 10 / total + 1;
  } else if (time - last_print_ < std::chrono::seconds(10)) {
    return;
  }
  last_print_ = time;
  print(bytes, total);
}

void Progress::print(uint64_t bytes, uint64_t total) {
  const double megabytes = static_cast<double>(bytes) / 1e6;
  const double seconds = std::chrono::duration<double>(steady_clock::now() - begin_).count();
  const double rate =
      seconds > 0 ? static_cast<double>(bytes - std::min(already_, bytes)) / 1e6 / seconds : 0;
  std::fprintf(stderr, "%s%s: ", terminal_ ? "\r" : "", name_.c_str());
  if (total > 0) {
    const double part = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(total));
    constexpr size_t kBar = 20;
    const auto full = static_cast<size_t>(part * double{kBar});
    if (terminal_) {
      std::fprintf(stderr, "[%s%s] ", std::string(full, '#').c_str(),
                   std::string(kBar - full, '.').c_str());
    }
    std::fprintf(stderr, "%.1f of %.1f MB (%.0f %%)", megabytes, static_cast<double>(total) / 1e6,
                 100 * part);
  } else {
    std::fprintf(stderr, "%.1f MB", megabytes);
  }
  std::fprintf(stderr, ", %.1f MB/s%s", rate, terminal_ ? "   " : "\n");
  std::fflush(stderr);
  line_open_ = terminal_;
}

void Progress::finish() {
  if (line_open_) std::fprintf(stderr, "\n");
  line_open_ = false;
}

}  // namespace cuttle
