// What images look like: parts erased, colours changed.
#include "../../dispatch.h"
#include "images.h"
#include "layout.h"

namespace cuttle {
namespace {

// Images whose results can lie as they do.
Tensor dense(const Tensor& images) {
  return images.contiguous(format_of(images));
}

template <class Kernel>
void set_sizes(Kernel& kernel, const Tensor& x) {
  kernel.n = x.size(0);
  kernel.c = x.size(1);
  kernel.h = x.size(2);
  kernel.w = x.size(3);
  copy_strides(x, kernel.strides);
}

}  // namespace

Tensor random_image_boxes(kernels::ImageBoxes boxes, const ImageRandom& random,
                          const Tensor& images) {
  boxes.n = images.size(0);
  boxes.h = images.size(2);
  boxes.w = images.size(3);
  boxes.draws = random.draws;
  Tensor out = empty({boxes.n, 4}, {.dtype = int64, .device = images.device()});
  on_device(images.device(),
            [&](auto stream) { kernels::image_boxes(stream, boxes, out.data<int64_t>()); });
  return out;
}

Tensor erase_images(kernels::ImageErase erase, const ImageRandom& random, const Tensor& images,
                    const Tensor& boxes) {
  const Tensor x = dense(images);
  Tensor out = empty_like(x);
  set_sizes(erase, x);
  erase.boxes = boxes.data<int64_t>();
  erase.draws = random.draws;
  on_device(x.device(), [&](auto stream) {
    kernels::image_erase(stream, erase, x.data<float>(), out.data<float>());
  });
  return out;
}

Tensor color_images(kernels::ImageColor color, const ImageRandom& random, const Tensor& images) {
  const Tensor x = dense(images);
  Tensor out = empty_like(x);
  set_sizes(color, x);
  color.draws = random.draws;
  const auto run = [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::image_color<T>(stream, color, x.data<T>(), out.data<T>());
    });
  };
  if (x.dtype() == uint8)
    run.operator()<uint8_t>();
  else
    run.operator()<float>();
  return out;
}

}  // namespace cuttle
