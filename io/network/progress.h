// Shows how far something is. Internal to the library.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace cuttle {

/// On a terminal one line that is rewritten a few times a second and never longer than the terminal
/// is wide; elsewhere plain lines, one a tenth.
class ProgressLine {
 public:
  /// Prints to `stream` if `enabled`; plain lines `plain_seconds` apart, or more.
  explicit ProgressLine(bool enabled, FILE* stream = stderr, double plain_seconds = 0);

  bool is_terminal() const { return terminal_; }
  /// Columns of the terminal.
  size_t width() const;
  /// Seconds since it was made.
  double seconds() const;

  /// Whether it is time to show something at `done` of `total`, which is 0 where it is not known;
  /// then plain lines come every ten seconds.
  bool is_due(uint64_t done, uint64_t total);
  void show(const std::string& text);
  /// Ends the terminal's line, or wipes it out.
  void finish();
  void erase();

 private:
  using Clock = std::chrono::steady_clock;

  bool enabled_;
  FILE* stream_;
  double plain_seconds_;
  bool terminal_;
  bool line_open_ = false;
  uint64_t next_tenth_ = 1;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;  // when something was shown
};

/// Of a download.
class Progress {
 public:
  /// Prints to stderr if `enabled`. `already` bytes were there before, and do not count for the
  /// speed.
  Progress(std::string name, bool enabled, uint64_t already = 0)
      : name_(std::move(name)), line_(enabled), already_(already) {}
  /// `total` is 0 where it is not known.
  void update(uint64_t bytes, uint64_t total);
  /// Ends the line.
  void finish() { line_.finish(); }

 private:
  std::string name_;
  ProgressLine line_;
  uint64_t already_;
};

}  // namespace cuttle
