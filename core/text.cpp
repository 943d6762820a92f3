// Reads UTF-8 a character at a time, which tells what is whole and what can be shown.
#include "text.h"

#include <array>

namespace cuttle {
namespace {

struct Character {
  size_t bytes = 0;  // 0: none that is valid
  char32_t number = 0;
};

// What `text`, which is not empty, begins with.
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, lead};
  if (lead < 0xC2 || lead > 0xF4) return {};
  const size_t bytes = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < bytes) return {};
  char32_t number = lead & (0x7Fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    number = number << 6 | (next & 0x3Fu);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = number >= 0xD800 && number <= 0xDFFF;
  if (number < kLeast[bytes] || number > 0x10FFFF || surrogate) return {};
  return {bytes, number};
}

// Control characters, line separators, and marks without a width that can turn a line around.
bool is_shown(char32_t c) {
  const auto within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  return !(c < 0x20 || within(0x7F, 0x9F) || within(0x200B, 0x200F) || within(0x2028, 0x202E) ||
           within(0x2060, 0x206F) || c == 0xFEFF);
}

std::string escaped(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return text;
}

// printable(), and behind the closing `mark` the length of a text that was cut.
std::string shown(std::string_view text, size_t limit, std::string_view mark) {
  std::string out(mark);
  size_t place = 0;
  while (place < text.size() && out.size() < limit) {
    const Character c = first_character(text.substr(place));
    const std::string_view bytes = text.substr(place, c.bytes == 0 ? 1 : c.bytes);
    out += c.bytes != 0 && is_shown(c.number) ? std::string(bytes) : escaped(bytes);
    place += bytes.size();
  }
  const bool cut = place < text.size();
  return out + (cut ? "…" : "") + std::string(mark) +
         (cut ? " (" + std::to_string(text.size()) + " bytes)" : "");
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (size_t place = 0; place < text.size();) {
    const size_t bytes = first_character(text.substr(place)).bytes;
    if (bytes == 0) return false;
    place += bytes;
  }
  return true;
}

std::string printable(std::string_view text, size_t limit) {
  return shown(text, limit, "");
}

std::string in_quotes(std::string_view text) {
  return shown(text, kShownBytes, "\"");
}

}  // namespace cuttle
