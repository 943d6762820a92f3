// How far an epoch is, on the terminal.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "../io/network/progress.h"

namespace cuttle {

struct ProgressBarOptions {
  bool quiet = false;           // prints nothing
  std::string unit = "images";  // what is counted
  FILE* stream = stderr;
  double plain_seconds = 10;  // between plain lines, at least
};

/// On a terminal one line that is rewritten five times a second and gone at the end:
///
///     epoch 3/10 [=========>          ]  49 %  5120 images/s  0:05 left  loss 1.234, accuracy 0.56
///
/// Elsewhere, in a file or a pipe, plain lines of the same: after a tenth of the way or more, but
/// not more often than every `plain_seconds`.
///
///     ProgressBar bar("epoch 3/10", data.size());
///     for (const auto& [images, targets] : loader) {
///       …
///       bar.update(targets.size(0), [&] { return "loss " + std::to_string(loss.item()); });
///     }
class ProgressBar {
 public:
  /// `total` is what there is to count, 0 where that is not known.
  ProgressBar(std::string name, uint64_t total, const ProgressBarOptions& options = {});
  ~ProgressBar() { finish(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Counts `count` more. `details` is called, for a text to show, only when it is time to show
  /// something: it may wait for a GPU.
  template <class Details>
  void update(int64_t count, const Details& details) {
    done_ += static_cast<uint64_t>(count);
    if (line_.is_due(done_, total_)) line_.show(text(details()));
  }
  void update(int64_t count) {
    update(count, [] { return std::string(); });
  }
  /// Takes the line off the terminal.
  void finish() { line_.erase(); }

  /// What was counted, of how much, and in how many seconds.
  uint64_t done() const { return done_; }
  uint64_t total() const { return total_; }
  double seconds() const { return line_.seconds(); }

 private:
  std::string text(const std::string& details) const;

  std::string name_;
  uint64_t total_;
  std::string unit_;
  ProgressLine line_;
  uint64_t done_ = 0;
};

/// "0:07", "12:07", "1:12:07".
std::string clock_time(double seconds);

}  // namespace cuttle
