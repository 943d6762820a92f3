#include "progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace cuttle {
namespace {

// A terminal that can go back to the beginning of a line and wipe it out.
bool is_rewritable(FILE* stream) {
  const char* const kind = std::getenv("TERM");
  return ::isatty(::fileno(stream)) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

// The first `most` characters of UTF-8 text.
std::string_view first_characters(std::string_view text, size_t most) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins && ++count > most) return text.substr(0, i);
  }
  return text;
}

}  // namespace

ProgressLine::ProgressLine(bool enabled, FILE* stream, double plain_seconds)
    : enabled_(enabled),
      stream_(stream),
      plain_seconds_(plain_seconds),
      terminal_(is_rewritable(stream)) {}

size_t ProgressLine::width() const {
  winsize size{};
  const bool known = ::ioctl(::fileno(stream_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

double ProgressLine::seconds() const {
  return std::chrono::duration<double>(Clock::now() - begin_).count();
}

bool ProgressLine::is_due(uint64_t done, uint64_t total) {
  if (!enabled_ || done == 0) return false;
  const double since = std::chrono::duration<double>(Clock::now() - last_).count();
  if (terminal_) return since >= 0.2 || done == total;
  if (total == 0) return since >= 10;
  const auto tenths =
      static_cast<uint64_t>(10 * static_cast<double>(done) / static_cast<double>(total));
  if (tenths < next_tenth_ || since < plain_seconds_) return false;
  next_tenth_ = tenths + 1;
  return true;
}

void ProgressLine::show(const std::string& text) {
  if (!enabled_) return;
  if (terminal_) {
    // The last column stays free: some terminals go to the next line after it.
    const std::string_view shown = first_characters(text, width() - 1);
    std::fprintf(stream_, "\r%.*s\x1b[K", static_cast<int>(shown.size()), shown.data());
  } else {
    std::fprintf(stream_, "%s\n", text.c_str());
  }
  std::fflush(stream_);
  line_open_ = terminal_;
  last_ = Clock::now();
}

void ProgressLine::finish() {
  if (line_open_) std::fprintf(stream_, "\n");
  line_open_ = false;
}

void ProgressLine::erase() {
  if (line_open_) std::fprintf(stream_, "\r\x1b[K"), std::fflush(stream_);
  line_open_ = false;
}

void Progress::update(uint64_t bytes, uint64_t total) {
  if (!line_.is_due(bytes, total)) return;
  const double megabytes = static_cast<double>(bytes) / 1e6, seconds = line_.seconds();
  char text[160];
  std::string bar;
  if (total > 0) {
    const double part = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(total));
    constexpr size_t kBar = 20;
    const auto full = static_cast<size_t>(part * double{kBar});
    if (line_.is_terminal())
      bar = "[" + std::string(full, '#') + std::string(kBar - full, '.') + "] ";
    std::snprintf(text, sizeof(text), "%.1f of %.1f MB (%.0f %%)", megabytes,
                  static_cast<double>(total) / 1e6, 100 * part);
  } else {
    std::snprintf(text, sizeof(text), "%.1f MB", megabytes);
  }
  const double fetched = megabytes - static_cast<double>(std::min(already_, bytes)) / 1e6;
  char rate[32];
  std::snprintf(rate, sizeof(rate), ", %.1f MB/s", seconds > 0 ? fetched / seconds : 0);
  line_.show(name_ + ": " + bar + text + rate);
}

}  // namespace cuttle
