// Text of unknown origin, the names and strings of files above all, made fit for a message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cuttle {

/// How many bytes of a text, and how many names of a list, a message shows.
inline constexpr size_t kShownBytes = 100;
inline constexpr size_t kShownNames = 50;

/// Whether `text` is UTF-8 (RFC 3629): whole characters, none in an overlong form, no surrogates.
bool is_utf8(std::string_view text);

/// `text` as it can stand in a line that is shown to somebody: characters that do not print or that
/// turn the line's direction, and bytes that are not UTF-8, as \xNN; cut after about `limit` bytes,
/// with the length it had: "aaaa… (5000000 bytes)".
std::string printable(std::string_view text, size_t limit = kShownBytes);

/// The same between quotation marks, which shows where it begins and ends.
std::string in_quotes(std::string_view text);

/// `words(element)` of the first kShownNames elements, with commas, and how many more there are.
template <class Range, class Words>
std::string listed(const Range& range, const Words& words) {
  std::string text;
  size_t count = 0;
  for (const auto& element : range) {
    if (++count <= kShownNames) text += (text.empty() ? "" : ", ") + std::string(words(element));
  }
  if (count > kShownNames) text += " and " + std::to_string(count - kShownNames) + " more";
  return text;
}

}  // namespace cuttle
