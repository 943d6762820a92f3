// Sizes of one, two and three dimensions, and the options of the convolutions that have them.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <ostream>
#include <string_view>

namespace cuttle {

/// Numbers along depth, height and width; of fewer dimensions the last ones.
using Extents = std::array<int64_t, 3>;

/// One number for a length. It prints as Python's tuple does: "(2,)".
struct Single {
  int64_t length = 0;
  Single(int64_t l) : length(l) {}                    // NOLINT: 2 is (2,)
  Single(int l) : Single(static_cast<int64_t>(l)) {}  // NOLINT
  static constexpr int kDims = 1;
  /// `missing` for the dimensions that there are not.
  Extents extents(int64_t missing) const { return {missing, missing, length}; }
};

/// One number for height and width, or two: {.padding = 2}, {.padding = {2, 1}}. "(2, 1)".
struct Pair {
  int64_t height = 0, width = 0;
  Pair(int64_t both) : height(both), width(both) {}     // NOLINT: 2 is (2, 2)
  Pair(int both) : Pair(static_cast<int64_t>(both)) {}  // NOLINT
  Pair(int64_t h, int64_t w) : height(h), width(w) {}
  static constexpr int kDims = 2;
  Extents extents(int64_t missing) const { return {missing, height, width}; }
};

/// One number for depth, height and width, or three. "(1, 2, 2)".
struct Triple {
  int64_t depth = 0, height = 0, width = 0;
  Triple(int64_t all) : depth(all), height(all), width(all) {}  // NOLINT: 2 is (2, 2, 2)
  Triple(int all) : Triple(static_cast<int64_t>(all)) {}        // NOLINT
  Triple(int64_t d, int64_t h, int64_t w) : depth(d), height(h), width(w) {}
  static constexpr int kDims = 3;
  Extents extents(int64_t) const { return {depth, height, width}; }
};

std::ostream& operator<<(std::ostream& out, const Single& single);
std::ostream& operator<<(std::ostream& out, const Pair& pair);
std::ostream& operator<<(std::ostream& out, const Triple& triple);

/// How much is put around an input: so many elements on each side, or as many as
///   same   keep its size (stride 1 alone; of an odd number the larger half lies behind),
///   valid  none.
enum class PaddingKind { numbers, same, valid };
/// The kind of that name, "same" or "valid"; throws Error for another.
PaddingKind padding_kind(std::string_view name);

/// {.padding = 2}, {.padding = {2, 1}}, {.padding = "same"}.
template <class Sizes>
struct Padding {
  PaddingKind kind = PaddingKind::numbers;
  Sizes numbers = 0;

  Padding(int all) : numbers(all) {}               // NOLINT: it stands for the number
  Padding(int64_t all) : numbers(all) {}           // NOLINT
  Padding(const Sizes& sizes) : numbers(sizes) {}  // NOLINT
  template <std::convertible_to<std::string_view> Name>
  Padding(const Name& name) : kind(padding_kind(name)) {}  // NOLINT
  template <std::integral... More>
  requires(sizeof...(More) + 1 == Sizes::kDims && Sizes::kDims > 1)
      Padding(int64_t first, More... more)
      : numbers(first, static_cast<int64_t>(more)...) {}
};

/// What stands in a padding: "zeros", "reflect", "replicate" or "circular".
class PaddingMode {
 public:
  template <std::convertible_to<std::string_view> Name>
  PaddingMode(const Name& name) : name_(known(name)) {}  // NOLINT: its name stands for it
  std::string_view name() const noexcept { return name_; }
  bool is_zeros() const noexcept { return name_ == "zeros"; }

 private:
  /// The same characters in memory that stays; throws Error where no mode has the name.
  static std::string_view known(std::string_view name);
  std::string_view name_;
};

/// Of conv1d, conv2d, conv3d and their layers.
template <class Sizes>
struct ConvolutionOptions {
  Sizes stride = 1;
  Padding<Sizes> padding = 0;
  Sizes dilation = 1;
  int64_t groups = 1;
  bool bias = true;  // for the layer; the function takes a bias tensor or an undefined one
  PaddingMode padding_mode = "zeros";
};
using Conv1dOptions = ConvolutionOptions<Single>;
using Conv2dOptions = ConvolutionOptions<Pair>;
using Conv3dOptions = ConvolutionOptions<Triple>;

/// Of conv_transpose1d, conv_transpose2d, conv_transpose3d and their layers.
template <class Sizes>
struct TransposedConvolutionOptions {
  Sizes stride = 1;
  Sizes padding = 0;         // cut off each side of the output
  Sizes output_padding = 0;  // kept of what is cut off behind; below the stride or the dilation
  int64_t groups = 1;
  bool bias = true;  // for the layer
  Sizes dilation = 1;
};
using ConvTranspose1dOptions = TransposedConvolutionOptions<Single>;
using ConvTranspose2dOptions = TransposedConvolutionOptions<Pair>;
using ConvTranspose3dOptions = TransposedConvolutionOptions<Triple>;

}  // namespace cuttle
