#include "depth_windows.h"

#include <algorithm>

#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "arithmetic.h"

namespace cuttle {
namespace {

// The slices that k names: [from, to) of the places, and the first slice of them.
struct Reach {
  int64_t from = 0, to = 0, slice = 0;
  bool empty() const { return from >= to; }
};

Reach reach_of(const DepthWindows& w, int64_t k) {
  const int64_t shift = k * w.dilation - w.padding;  // slice = place · stride + shift
  Reach reach;
  reach.from = shift >= 0 ? 0 : (-shift + w.stride - 1) / w.stride;
  reach.to = w.depth - 1 < shift ? 0 : std::min(w.out, (w.depth - 1 - shift) / w.stride + 1);
  reach.slice = reach.from * w.stride + shift;
  return reach;
}

// Calls visit(slices, places) for each k: views (N, count, H, W, groups, C) of `volume`
// (N, D, H, W, groups, C) and of `windows` (N, out, H, W, groups, kernel, C) that belong together.
template <class Visit>
void for_each_slice(const DepthWindows& w, const Tensor& volume, const Tensor& windows,
                    const Visit& visit) {
  for (int64_t k = 0; k < w.kernel; ++k) {
    const Reach reach = reach_of(w, k);
    if (reach.empty()) continue;
    const int64_t count = reach.to - reach.from;
    visit(volume.slice(1, reach.slice, reach.slice + (count - 1) * w.stride + 1, w.stride),
          windows.select(5, k).narrow(1, reach.from, count));
  }
}

bool sees_padding(const DepthWindows& w) {
  for (int64_t k = 0; k < w.kernel; ++k) {
    const Reach reach = reach_of(w, k);
    if (reach.from > 0 || reach.to < w.out) return true;
  }
  return false;
}

Shape volume_shape(const DepthWindows& w) {
  return {w.n, w.depth, w.height, w.width, w.groups, w.channels};
}

Shape windows_shape(const DepthWindows& w) {
  return {w.n, w.out, w.height, w.width, w.groups, w.kernel, w.channels};
}

}  // namespace

Tensor windows_along_depth(const DepthWindows& w, const Tensor& x) {
  Tensor planes;
  {
    const NoGradGuard no_grad;
    const TensorOptions like = {.dtype = x.dtype(), .device = x.device()};
    const Shape shape = windows_shape(w);
    const Tensor windows = sees_padding(w) ? zeros(shape, like) : empty(shape, like);
    const Tensor volume = x.detach().permute({0, 2, 3, 4, 1}).unflatten(4, {w.groups, w.channels});
    for_each_slice(w, volume, windows,
                   [](const Tensor& slices, Tensor places) { places.copy_(slices); });
    planes = windows.flatten(4, 6).flatten(0, 1).permute({0, 3, 1, 2});
  }
  return record(
      "conv3d_windows", planes.detach(), {x},
      [w](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {added_along_depth(w, gradient)};
      },
      Saves::nothing);
}

Tensor added_along_depth(const DepthWindows& w, const Tensor& planes) {
  if (element_size(planes.dtype()) == 2)  // sums are rounded once
    return added_along_depth(w, planes.to(float32)).to(planes.dtype());
  Tensor x;
  {
    const NoGradGuard no_grad;
    const Tensor volume =
        zeros(volume_shape(w), {.dtype = planes.dtype(), .device = planes.device()});
    const Tensor windows = planes.detach().permute({0, 2, 3, 1}).reshape(windows_shape(w));
    for_each_slice(w, volume, windows,
                   [](Tensor slices, const Tensor& places) { slices.add_(places); });
    x = volume.flatten(4, 5).permute({0, 4, 1, 2, 3});
  }
  return record(
      "conv3d_windows_gradient", x.detach(), {planes},
      [w](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {windows_along_depth(w, gradient)};
      },
      Saves::nothing);
}

}  // namespace cuttle
