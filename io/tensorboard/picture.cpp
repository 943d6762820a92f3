#include "picture.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "../../core/creation.h"
#include "../../core/ops/arithmetic.h"
#include "../../core/text.h"
#include "../../kernels/error.h"

namespace cuttle::tensorboard {
namespace {

// The order in which the tensor's dimensions make those of `wanted`; nothing where the letters
// differ.
std::vector<int64_t> order(std::string_view wanted, const std::string& given) {
  std::vector<int64_t> dims;
  if (given.size() != wanted.size()) return dims;
  for (const char letter : wanted) {
    const size_t at = given.find(letter);
    if (at == std::string::npos) return {};
    dims.push_back(static_cast<int64_t>(at));
  }
  return dims;
}

// (N, H, W, C), whatever the tensor's order.
Tensor batch_of(std::string_view function, const Tensor& image, std::string_view dataformats) {
  std::string letters(dataformats);
  for (char& letter : letters) letter = static_cast<char>(std::toupper(letter));
  if (image.dim() == static_cast<int>(letters.size())) {
    if (const auto dims = order("NHWC", letters); !dims.empty()) return image.permute(dims);
    if (const auto dims = order("HWC", letters); !dims.empty())
      return image.permute(dims).unsqueeze(0);
    if (const auto dims = order("HW", letters); !dims.empty())
      return image.permute(dims).unsqueeze(0).unsqueeze(-1);
  }
  fail(function, ": an image of shape ", image.shape(), " does not fit dataformats ",
       in_quotes(dataformats), "; expected a letter of \"NHWC\" for each dimension, such as ",
       "\"CHW\", \"HWC\", \"HW\" or \"NCHW\"");
}

Tensor as_bytes(std::string_view function, const Tensor& image) {
  if (image.dtype() == uint8) return image;
  if (!is_floating_point(image.dtype()) && image.dtype() != boolean)
    fail(function, ": expected uint8 (0 to 255), a floating dtype (0 to 1) or bool, got ",
         image.dtype(), "; convert the image first");
  return (image.to(float32) * 255).nan_to_num().clamp(0, 255).to(uint8);
}

// Rows of eight.
Tensor grid_of(const Tensor& batch) {  // (N, H, W, C)
  const int64_t count = batch.size(0), height = batch.size(1), width = batch.size(2);
  const int64_t columns = std::min<int64_t>(count, 8);
  const int64_t rows = (count + columns - 1) / columns;
  const Tensor grid = zeros({rows * height, columns * width, batch.size(3)}, {.dtype = uint8});
  for (int64_t i = 0; i < count; ++i)
    grid.narrow(0, i / columns * height, height)
        .narrow(1, i % columns * width, width)
        .copy_(batch.select(0, i));
  return grid;
}

}  // namespace

Tensor picture_of(std::string_view function, const Tensor& image, std::string_view dataformats) {
  const Tensor batch = batch_of(function, image.detach().cpu(), dataformats);
  const int64_t channels = batch.size(3);
  if (batch.numel() == 0 || (channels != 1 && channels != 3 && channels != 4))
    fail(function, ": expected an image that is not empty, with 1, 3 or 4 channels, got shape ",
         image.shape(), " as ", dataformats);
  const Tensor bytes = as_bytes(function, batch);
  const Tensor colours = channels == 1 ? bytes.expand({-1, -1, -1, 3}) : bytes;
  return (colours.size(0) == 1 ? colours.select(0, 0) : grid_of(colours)).contiguous();
}

}  // namespace cuttle::tensorboard
