#include "font.h"

#include <algorithm>
#include <cmath>

#include "font_outlines.h"

namespace cuttle::plot {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// The UTF-8 character at `at`, which moves behind it. Bytes that begin none give kReplacement, one
// by one.
char32_t next_character(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at++);
  if (first < 0x80) return first;
  const size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  if (more == 0 || at + more > text.size()) return kReplacement;
  char32_t character = first & (0x3Fu >> more);
  for (size_t i = 0; i < more; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return kReplacement;
    character = character << 6 | (byte(at + i) & 0x3F);
  }
  at += more;
  return character;
}

const Glyph& glyph_of(char32_t character) {
  const auto find = [](char32_t wanted) {
    const auto glyphs = font_glyphs();
    return std::lower_bound(glyphs.begin(), glyphs.end(), wanted,
                            [](const Glyph& g, char32_t c) { return g.character < c; });
  };
  const auto found = find(character);
  if (found != font_glyphs().end() && found->character == character) return *found;
  return *find(kReplacement);
}

// Contours of a glyph whose origin lies at (x, 0).
std::vector<Polyline> contours_of(const Glyph& glyph, double x, double size) {
  const double scale = size / kUnitsPerEm;
  const int steps = std::clamp(static_cast<int>(size / 6), 3, 12);  // straight lines of a curve
  const auto place = [&](const GlyphPoint& p) { return Point{x + p.x * scale, -p.y * scale}; };
  std::vector<Polyline> contours;
  const auto points =
      font_points().subspan(static_cast<size_t>(glyph.first), static_cast<size_t>(glyph.count));
  for (size_t i = 0; i < points.size(); ++i) {
    if (points[i].kind == 2) contours.emplace_back();
    if (points[i].kind != 0) {
      contours.back().push_back(place(points[i]));
      continue;
    }
    const Point a = contours.back().back(), b = place(points[i]), c = place(points[i + 1]);
    for (int step = 1; step < steps; ++step) {
      const double t = static_cast<double>(step) / steps, u = 1 - t;
      contours.back().push_back({u * u * a.x + 2 * u * t * b.x + t * t * c.x,
                                 u * u * a.y + 2 * u * t * b.y + t * t * c.y});
    }
  }
  return contours;
}

}  // namespace

double text_width(std::string_view text, double size) {
  double width = 0;
  for (size_t at = 0; at < text.size();) width += glyph_of(next_character(text, at)).advance;
  return width * size / kUnitsPerEm;
}

std::string fitted_text(std::string_view text, double size, double width) {
  constexpr std::string_view kEllipsis = "…";
  if (text_width(text, size) <= width) return std::string(text);
  size_t fits = 0;
  for (size_t at = 0; at < text.size();) {
    next_character(text, at);
    if (text_width(text.substr(0, at), size) + text_width(kEllipsis, size) > width) break;
    fits = at;
  }
  return std::string(text.substr(0, fits)) + std::string(kEllipsis);
}

std::vector<std::vector<Polyline>> text_contours(std::string_view text, double size) {
  std::vector<std::vector<Polyline>> all;
  double x = 0;
  for (size_t at = 0; at < text.size();) {
    const Glyph& glyph = glyph_of(next_character(text, at));
    all.push_back(contours_of(glyph, x, size));
    x += glyph.advance * size / kUnitsPerEm;
  }
  return all;
}

}  // namespace cuttle::plot
