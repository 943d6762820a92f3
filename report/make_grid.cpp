#include "make_grid.h"

#include <algorithm>

#include "../core/creation.h"
#include "../core/ops/arithmetic.h"
#include "../core/ops/rearrange.h"
#include "../io/image.h"

namespace cuttle {
namespace {

Tensor normalized(const Tensor& images, const MakeGridOptions& options) {
  const auto range = options.value_range.value_or(
      std::pair{images.min().item<double>(), images.max().item<double>()});
  const double width = std::max(range.second - range.first, 1e-5);
  return (images.clamp(range.first, range.second) - range.first) / width;
}

Tensor normalized_each(const Tensor& images, const MakeGridOptions& options) {
  std::vector<Tensor> each;
  for (int64_t i = 0; i < images.size(0); ++i) {
    each.push_back(normalized(images.select(0, i), options));
  }
  return stack(each);
}

}  // namespace

Tensor make_grid(const Tensor& images, const MakeGridOptions& options) {
  if (!images.defined() || images.dim() < 2 || images.dim() > 4 || images.numel() == 0) {
    fail("make_grid: expected pictures (N, C, H, W), (C, H, W) or (H, W), not empty; got ",
         images.defined() ? images.shape().str() : "an undefined tensor");
  }
  if (options.nrow < 1 || options.padding < 0) {
    fail("make_grid: nrow begins at 1 and padding at 0, got ", options.nrow, " and ",
         options.padding);
  }
  Tensor all = images.detach();
  while (all.dim() < 4) all = all.unsqueeze(0);
  if (all.size(1) == 1) all = all.expand({all.size(0), 3, all.size(2), all.size(3)});
  if (options.normalize)
    all = options.scale_each ? normalized_each(all, options) : normalized(all, options);
  const int64_t count = all.size(0);
  if (count == 1) return all[0].contiguous();

  const int64_t columns = std::min(options.nrow, count), rows = (count + columns - 1) / columns;
  const int64_t down = all.size(2) + options.padding, across = all.size(3) + options.padding;
  Tensor grid =
      full({all.size(1), rows * down + options.padding, columns * across + options.padding},
           options.pad_value, {.dtype = all.dtype(), .device = all.device()});
  for (int64_t i = 0; i < count; ++i) {
    grid.narrow(1, i / columns * down + options.padding, all.size(2))
        .narrow(2, i % columns * across + options.padding, all.size(3))
        .copy_(all[i]);
  }
  return grid;
}

void save_image(const Tensor& images, const std::filesystem::path& path,
                const MakeGridOptions& options) {
  const Tensor grid = make_grid(images, options).to(float32);
  write_image((grid * 255).round().clamp(0, 255).to(uint8).permute({1, 2, 0}), path);
}

}  // namespace cuttle
