#include "text_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace cuttle {
namespace {

std::string with_unit(const char* format, double number, const char* unit) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return std::string(text.data()) + " " + unit;
}

// Characters, as a terminal counts them: bytes that do not go on with one.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  }));
}

bool is_number(const std::string& text) {
  return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
}

}  // namespace

std::string TextTable::str() const {
  std::vector<size_t> widths(rows_[0].size());
  for (const auto& row : rows_)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  size_t total = 2 * (widths.size() - 1);
  for (const size_t width : widths) total += width;
  // A column of numbers stands to the right, its title with it.
  const auto to_right = [&](size_t column) {
    return column > 0 && rows_.size() > 1 && column < rows_[1].size() &&
           is_number(rows_[1][column]);
  };
  const std::string line(total, '-');
  std::string text;
  for (const auto& row : rows_) {
    std::string written;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - width_of(row[i]), ' ');
      written += (i > 0 ? "  " : "") + (to_right(i) ? gap + row[i] : row[i] + gap);
    }
    written.erase(written.find_last_not_of(' ') + 1);
    text += (row.empty() ? line : written) + "\n";
    if (&row == &rows_[0]) text += line + "\n";
  }
  return text;
}

std::string readable_bytes(int64_t bytes) {
  static constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB"};
  if (std::llabs(bytes) < 1024) return std::to_string(bytes) + " B";
  auto number = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  for (; std::abs(number) >= 1024 && unit + 1 < kUnits.size(); ++unit) number /= 1024;
  return with_unit("%.2f", number, kUnits[unit]);
}

std::string readable_time(double microseconds) {
  if (microseconds < 1e3) return with_unit("%.3f", microseconds, "us");
  if (microseconds < 1e6) return with_unit("%.3f", microseconds / 1e3, "ms");
  return with_unit("%.3f", microseconds / 1e6, "s");
}

}  // namespace cuttle
