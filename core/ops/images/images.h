// Operations on batches of images (N, C, H, W) that transforms are made of: not recorded, on any
// device, of uint8 or float32. Whoever uses them checks sizes.
#pragma once

#include <string_view>

#include "../../../kernels/image_box.h"
#include "../../../kernels/image_color.h"
#include "../../../kernels/image_resize.h"
#include "../../../kernels/image_window.h"
#include "draws.h"

namespace cuttle {

/// What goes into and comes out of image_window beside pixels; each may be undefined.
struct WindowTensors {
  Tensor order;          // (N) int64: which stored images
  Tensor levels;         // (C, 256) float32: what bytes become
  Tensor stored_target;  // (stored) int64
  Tensor target;         // (N) int64, written
};

/// `window` says what each image's part is (tops, border, flip, …, oh, ow); its sizes, strides and
/// pointers are set here. Writes `out` (N, C, OH, OW), of any strides.
void write_image_window(kernels::ImageWindow window, const ImageRandom& random,
                        const Tensor& stored, const Tensor& out, const WindowTensors& beside = {});
/// The same into tensors of a program's, `out` and beside.target, as an operation in place that
/// `op` names.
void overwrite_image_window(std::string_view op, const kernels::ImageWindow& window,
                            const ImageRandom& random, const Tensor& stored, Tensor& out,
                            const WindowTensors& beside);
/// The same into a new tensor, channels-last if the images are.
Tensor image_window(const kernels::ImageWindow& window, const ImageRandom& random,
                    const Tensor& images);

/// Images, or with `boxes` (N, 4) int64 (top, left, height, width) each image's box, in the size
/// height × width. Both at least 1, as are the boxes' sides.
Tensor resize_images(kernels::ResizeFilter filter, const Tensor& images, int64_t height,
                     int64_t width, const Tensor& boxes = {});

/// A box (N, 4) int64 for each image, as `boxes` says of the images that come (its n, h and w are
/// set here).
Tensor random_image_boxes(kernels::ImageBoxes boxes, const ImageRandom& random,
                          const Tensor& images);
/// float32 images but for their boxes (N, 4), which get what `erase` says (sizes, strides, pointers
/// and draws are set here).
Tensor erase_images(kernels::ImageErase erase, const ImageRandom& random, const Tensor& images,
                    const Tensor& boxes);
/// Images of one channel or three in other colours; `color` says which changes (sizes, strides and
/// draws are set here).
Tensor color_images(kernels::ImageColor color, const ImageRandom& random, const Tensor& images);

}  // namespace cuttle
