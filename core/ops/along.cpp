// Elements moved to and from places along a dimension, and the places of a mask.
#include "along.h"

#include <algorithm>

#include "../../kernels/along.h"
#include "../../kernels/places.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../stream_use.h"

namespace cuttle {
namespace {

// `whole` and `picked` as (outer, length | picks, inner).
kernels::AlongShape along_shape(const Tensor& whole, const Tensor& picked, int d) {
  kernels::AlongShape shape{.element_size = element_size(whole.dtype())};
  for (int i = 0; i < d; ++i) shape.outer *= whole.size(i);
  for (int i = d + 1; i < whole.dim(); ++i) shape.inner *= whole.size(i);
  shape.length = whole.size(d);
  shape.picks = picked.size(d);
  return shape;
}

}  // namespace

Tensor take_along(const Tensor& input, int d, const Tensor& where) {
  const Tensor x = input.contiguous(), places = where.contiguous();
  Tensor out = empty(places.shape(), {.dtype = x.dtype(), .device = x.device()});
  on_device(x.device(), [&](auto stream) {
    kernels::take_along(stream, along_shape(x, places, d), x.raw_data(), places.data<int64_t>(),
                        out.raw_data());
  });
  return record("take_along", out, {x},
                [d, length = x.size(d), places = save(places)](
                    const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                  return {put_along(gradient, d, places.get(), length)};
                });
}

Tensor put_along(const Tensor& input, int d, const Tensor& where, int64_t length) {
  const Tensor x = input.contiguous(), places = where.contiguous();
  Shape shape = x.shape();
  shape[d] = length;
  Tensor out = zeros(shape, {.dtype = x.dtype(), .device = x.device()});
  on_device(x.device(), [&](auto stream) {
    kernels::put_along(stream, along_shape(out, x, d), x.raw_data(), places.data<int64_t>(),
                       out.raw_data());
  });
  return record("put_along", out, {x},
                [d, places = save(places)](const Tensor& gradient, const NeededInputs&)
                    -> std::vector<Tensor> { return {take_along(gradient, d, places.get())}; });
}

Tensor places_of(std::string_view op, const Tensor& mask) {
  refuse_while_capturing(mask.device(), op,
                         "the shape of its result depends on values that it waits for; call it "
                         "before the capture, or select with a product or masked sum inside");
  const Tensor flags = mask.contiguous();
  const TensorOptions integers{.dtype = int64, .device = mask.device()};
  if (flags.numel() == 0) return empty({0, flags.dim()}, integers);
  Tensor ends = empty({kernels::places_chunks(flags.numel())}, integers);
  on_device(mask.device(), [&](auto stream) {
    kernels::count_places(stream, flags.numel(), flags.data<bool>(), ends.data<int64_t>());
  });
  Tensor out = empty({ends.select(0, -1).item<int64_t>(), flags.dim()}, integers);
  if (flags.dim() == 0) return out;
  kernels::PlacesShape shape{.rank = flags.dim()};
  std::copy(flags.shape().begin(), flags.shape().end(), shape.sizes);
  on_device(mask.device(), [&](auto stream) {
    kernels::list_places(stream, shape, flags.data<bool>(), ends.data<int64_t>(),
                         out.data<int64_t>());
  });
  return out;
}

}  // namespace cuttle
