#include "images.h"

#include "../../autograd/record.h"
#include "../../creation.h"
#include "../../dispatch.h"
#include "layout.h"

namespace cuttle {
namespace {

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

}  // namespace

void write_image_window(kernels::ImageWindow window, const ImageRandom& random,
                        const Tensor& stored, const Tensor& out, const WindowTensors& beside) {
  if (stored.dtype() == uint8 && !(window.fill >= 0 && window.fill <= 255))
    fail("the fill of images of bytes must lie between 0 and 255, got ", window.fill);
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

}  // namespace cuttle
