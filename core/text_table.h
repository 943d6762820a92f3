// Rows of text in columns, for a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cuttle {

/// The first column to the left, numbers to the right below their titles.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> titles) : rows_{std::move(titles)} {}
  void add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// A line across.
  void add_line() { rows_.emplace_back(); }

  std::string str() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// "1.50 MiB"; "-512 B".
std::string readable_bytes(int64_t bytes);
/// "1.234 ms" of microseconds.
std::string readable_time(double microseconds);

}  // namespace cuttle
