// Shows how far a download is. Internal to io.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace cuttle {

/// On a terminal one line with a bar, rewritten a few times a second; elsewhere one line a tenth.
class Progress {
 public:
  /// Prints to stderr if `enabled`. `already` bytes were there before, and do not count for the
  /// speed.
  Progress(std::string name, bool enabled, uint64_t already = 0);
  /// `total` is 0 where it is not known.
  void update(uint64_t bytes, uint64_t total);
  /// Ends the line.
  void finish();

 private:
  void print(uint64_t bytes, uint64_t total);

  std::string name_;
  bool enabled_;
  bool terminal_;
  bool line_open_ = false;
  uint64_t already_;
  uint64_t next_tenth_ = 1;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point last_print_;
};

}  // namespace cuttle
