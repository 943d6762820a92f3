#include "progress_bar.h"

#include <algorithm>
#include <cmath>

namespace cuttle {
namespace {

constexpr size_t kBarWidth = 30;   // at most
constexpr size_t kTextWidth = 70;  // about what stands beside it

// "[=====>    ]" of `width` columns between the brackets.
std::string bar_of(double share, size_t width) {
  const auto filled = static_cast<size_t>(share * static_cast<double>(width));
  std::string bar(filled, '=');
  if (filled < width) bar += '>';
  return "[" + bar + std::string(width - bar.size(), ' ') + "]";
}

template <class... Arguments>
std::string printed(const char* format, Arguments... arguments) {
  char text[96];
  std::snprintf(text, sizeof(text), format, arguments...);
  return text;
}

}  // namespace

std::string clock_time(double seconds) {
  const auto whole = static_cast<long long>(std::clamp(std::round(seconds), 0.0, 1e9));
  const long long hours = whole / 3600, minutes = whole / 60 % 60;
  if (hours > 0) return printed("%lld:%02lld:%02lld", hours, minutes, whole % 60);
  return printed("%lld:%02lld", minutes, whole % 60);
}

ProgressBar::ProgressBar(std::string name, uint64_t total, const ProgressBarOptions& options)
    : name_(std::move(name)),
      total_(total),
      unit_(options.unit),
      line_(!options.quiet, options.stream, options.plain_seconds) {}

std::string ProgressBar::text(const std::string& details) const {
  const auto done = static_cast<double>(done_), total = static_cast<double>(total_);
  const double seconds = line_.seconds(), rate = seconds > 0 ? done / seconds : 0;
  std::string text = name_;
  if (total_ > 0) {
    const double share = std::min(1.0, done / total);
    const size_t room = line_.is_terminal() ? line_.width() : 0;
    if (room > kTextWidth + 5) text += " " + bar_of(share, std::min(kBarWidth, room - kTextWidth));
    text += printed(" %3.0f %%", std::floor(100 * share));
  } else {
    text += printed(" %.0f %s", done, unit_.c_str());
  }
  text += printed(rate < 10 ? "  %.1f %s/s" : "  %.0f %s/s", rate, unit_.c_str());
  if (total_ > 0 && rate > 0) text += "  " + clock_time((total - done) / rate) + " left";
  return details.empty() ? text : text + "  " + details;
}

}  // namespace cuttle
