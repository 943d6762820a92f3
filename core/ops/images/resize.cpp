// Images in another size: a pass along the rows and one along the columns.
#include "../../dispatch.h"
#include "images.h"
#include "layout.h"

namespace cuttle {
namespace {

// The filter along one dimension.
template <class T>
void pass(const kernels::ResizeAxis& axis, const Tensor& x, const Tensor& y) {
  using Weight = kernels::ResizeWeight<T>;
  const int64_t taps = axis.taps();
  const Tensor ranges = empty({axis.sets, axis.out, 2}, {.dtype = int32, .device = x.device()});
  const Tensor weights =
      empty({axis.sets, axis.out, taps}, {.dtype = dtype_of<Weight>, .device = x.device()});
  kernels::ResizePass pass{.vertical = axis.vertical,
                           .n = x.size(0),
                           .c = x.size(1),
                           .rows = y.size(2),
                           .cols = y.size(3),
                           .sets = axis.sets,
                           .taps = taps,
                           .boxes = axis.boxes};
  copy_strides(x, pass.from);
  copy_strides(y, pass.to);
  on_device(x.device(), [&](auto stream) {
    kernels::resize_weights(stream, axis, ranges.data<int32_t>(), weights.data<Weight>());
    kernels::resize_pass<T>(stream, pass, ranges.data<int32_t>(), weights.data<Weight>(),
                            x.data<T>(), y.data<T>());
  });
}

}  // namespace

Tensor resize_images(kernels::ResizeFilter filter, const Tensor& images, int64_t height,
                     int64_t width, const Tensor& boxes) {
  const int64_t sets = boxes.defined() ? images.size(0) : 1;
  const int64_t* const in_boxes = data_or_null<int64_t>(boxes);
  const kernels::ResizeAxis columns{filter, sets, images.size(3), width, in_boxes, false};
  const kernels::ResizeAxis rows{filter, sets, images.size(2), height, in_boxes, true};
  const Tensor between = empty_images(images, images.size(2), width, MemoryFormat::channels_last);
  Tensor out = empty_images(images, height, width, format_of(images));
  const auto run = [&]<class T>() {
    pass<T>(columns, images, between);
    pass<T>(rows, between, out);
  };
  if (images.dtype() == uint8)
    run.operator()<uint8_t>();
  else
    run.operator()<float>();
  return out;
}

}  // namespace cuttle
