#include "convolution_settings.h"

#include <sstream>

#include "../../kernels/error.h"

namespace cuttle {

std::ostream& operator<<(std::ostream& out, const Single& single) {
  return out << '(' << single.length << ",)";
}

std::ostream& operator<<(std::ostream& out, const Pair& pair) {
  return out << '(' << pair.height << ", " << pair.width << ')';
}

std::ostream& operator<<(std::ostream& out, const Triple& triple) {
  return out << '(' << triple.depth << ", " << triple.height << ", " << triple.width << ')';
}

PaddingKind padding_kind(std::string_view name) {
  if (name == "same") return PaddingKind::same;
  if (name == "valid") return PaddingKind::valid;
  fail("convolution: the padding must be numbers, \"same\" or \"valid\", got \"", name, "\"");
}

std::string_view PaddingMode::known(std::string_view name) {
  for (const std::string_view mode : {"zeros", "reflect", "replicate", "circular"})
    if (name == mode) return mode;
  fail(
      "convolution: padding_mode must be \"zeros\", \"reflect\", \"replicate\" or \"circular\", "
      "got \"",
      name, "\"");
}

std::string_view ConvolutionSettings::function() const {
  constexpr std::string_view names[2][3] = {
      {"conv1d", "conv2d", "conv3d"}, {"conv_transpose1d", "conv_transpose2d", "conv_transpose3d"}};
  return names[transposed][dims - 1];
}

bool ConvolutionSettings::all(const Extents& extents, int64_t value) const {
  for (size_t d = size_t(3 - dims); d < 3; ++d)
    if (extents[d] != value) return false;
  return true;
}

std::string ConvolutionSettings::text(const Extents& extents) const {
  std::ostringstream out;
  if (dims == 1) out << Single(extents[2]);
  if (dims == 2) out << Pair(extents[1], extents[2]);
  if (dims == 3) out << Triple(extents[0], extents[1], extents[2]);
  return out.str();
}

std::string ConvolutionSettings::padding_text() const {
  switch (padding_kind) {
    case PaddingKind::numbers:
      return text(padding);
    case PaddingKind::same:
      return "same";
    case PaddingKind::valid:
      return "valid";
  }
  fail("convolution: unknown kind of padding ", static_cast<int>(padding_kind));
}

}  // namespace cuttle
