#include "images.h"

#include <algorithm>

#include "../../autograd/record.h"
#include "../../creation.h"
#include "../../dispatch.h"

namespace cuttle {
namespace {

void copy_strides(const Tensor& tensor, int64_t (&to)[4]) {
  std::copy_n(tensor.strides().begin(), 4, to);
}

template <class T>
T* data_or_null(const Tensor& tensor) {
  return tensor.defined() ? tensor.data<T>() : nullptr;
}

MemoryFormat format_of(const Tensor& images) {
  const bool last = !images.is_contiguous() && images.is_contiguous(MemoryFormat::channels_last);
  return last ? MemoryFormat::channels_last : MemoryFormat::contiguous;
}

Tensor empty_images(const Tensor& like, int64_t height, int64_t width, MemoryFormat format) {
  return empty({like.size(0), like.size(1), height, width},
               {.dtype = like.dtype(), .device = like.device()}, format);
}

// Calls f.operator()<From, T>() for the pairs that the kernel makes.
template <class F>
void dispatch_window(DType from, DType to, F&& f) {
  if (from == uint8 && to == uint8) return f.template operator()<uint8_t, uint8_t>();
  if (from == uint8 && to == float32) return f.template operator()<uint8_t, float>();
  if (from == uint8 && to == float16) return f.template operator()<uint8_t, Half>();
  if (from == uint8 && to == bfloat16) return f.template operator()<uint8_t, BFloat16>();
  if (from == float32 && to == float32) return f.template operator()<float, float>();
  fail("images of ", from, " cannot become ", to,
       "; they are uint8 or float32, and a batch of bytes uint8, float32, float16 or bfloat16");
}

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

void write_image_window(kernels::ImageWindow window, const ImageRandom& random,
                        const Tensor& stored, const Tensor& out, const WindowTensors& beside) {
  window.n = out.size(0);
  window.c = out.size(1);
  window.oh = out.size(2);
  window.ow = out.size(3);
  window.stored = stored.size(0);
  window.h = stored.size(2);
  window.w = stored.size(3);
  copy_strides(stored, window.from);
  copy_strides(out, window.to);
  window.draws = random.draws;
  window.order = data_or_null<int64_t>(beside.order);
  window.levels = data_or_null<float>(beside.levels);
  dispatch_window(stored.dtype(), out.dtype(), [&]<class From, class T>() {
    on_device(stored.device(), [&](auto stream) {
      kernels::image_window(stream, window, stored.data<From>(),
                            data_or_null<int64_t>(beside.stored_target), out.data<T>(),
                            data_or_null<int64_t>(beside.target));
    });
  });
}

void overwrite_image_window(std::string_view op, const kernels::ImageWindow& window,
                            const ImageRandom& random, const Tensor& stored, Tensor& out,
                            const WindowTensors& beside) {
  Tensor target = beside.target;
  check_in_place(op, out, {});
  check_in_place(op, target, {});
  write_image_window(window, random, stored, out, beside);
  const auto no_gradient = [](const Tensor&, const NeededInputs&) -> std::vector<Tensor> {
    return {};
  };
  record_in_place(op, out, {}, no_gradient, Saves::nothing);
  record_in_place(op, target, {}, no_gradient, Saves::nothing);
}

Tensor image_window(const kernels::ImageWindow& window, const ImageRandom& random,
                    const Tensor& images) {
  Tensor out = empty_images(images, window.oh, window.ow, format_of(images));
  write_image_window(window, random, images, out);
  return out;
}

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
