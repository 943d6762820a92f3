// Dropout: what is dropped together, how the rest is scaled, and the call's place in a random
// stream.
#include "dropout.h"

#include <cmath>
#include <string_view>

#include "../../kernels/distributions.h"
#include "../../kernels/dropout.h"
#include "../autograd/record.h"
#include "../dispatch.h"
#include "../strided_loop.h"
#include "../tensor_impl.h"
#include "activations.h"
#include "binary.h"

namespace cuttle {
namespace {

using kernels::Dropout;

std::string_view name_of(DropoutKind kind, bool in_place) {
  constexpr std::string_view names[] = {
      "dropout",  "dropout1d",  "dropout2d",  "dropout3d",  "alpha_dropout",
      "dropout_", "dropout1d_", "dropout2d_", "dropout3d_", "alpha_dropout_"};
  return names[static_cast<size_t>(kind) + (in_place ? 5 : 0)];
}

// A Twister's numbers come one after the other; one of them becomes the seed of this call.
kernels::PhiloxAt next_call(const Device& device, const std::optional<Generator>& given) {
  Generator generator = given ? *given : default_generator(device);
  if (generator.engine() == Engine::philox) return generator.next_call(device);
  int64_t seed = 0;
  generator.fill<int64_t>(kernels::Integers{.low = 0, .range = 0}, {&seed, 1});
  return {.seed = static_cast<uint64_t>(seed)};
}

// How many elements, in row-major order, one draw decides about.
int64_t slice_of(std::string_view op, DropoutKind kind, const Shape& shape) {
  if (kind == DropoutKind::elements || kind == DropoutKind::alpha) return 1;
  const int batched = kind == DropoutKind::channels1d ? 3 : kind == DropoutKind::channels2d ? 4 : 5;
  const int rank = shape.size();
  if (rank != batched && rank != batched - 1)
    fail(op, ": expected ", batched - 1, " or ", batched, " dimensions, got shape ", shape,
         "; dropout drops single elements of any shape");
  const int channel = rank == batched || kind == DropoutKind::channels2d ? 1 : 0;
  int64_t slice = 1;
  for (int d = channel + 1; d < rank; ++d) slice *= shape[d];
  return std::max<int64_t>(slice, 1);
}

Dropout call_of(std::string_view op, DropoutKind kind, const Tensor& x, double p) {
  Dropout call;
  call.keep = 1 - p;
  call.slice = slice_of(op, kind, x.shape());
  if (p == 1) {
    call.scale = 0;
  } else if (kind != DropoutKind::alpha) {
    call.scale = 1 / (1 - p);
  } else {
    constexpr double kLowest = -kSeluAlpha * kSeluScale;
    call.scale = 1 / std::sqrt((1 - p) * (1 + p * kLowest * kLowest));
    call.shift = -call.scale * p * kLowest;
    call.fill = call.scale * kLowest + call.shift;
  }
  return call;
}

// True if there is something to do.
bool check(std::string_view op, const Tensor& x, double p, bool training) {
  check_defined(op, x);
  if (!(p >= 0 && p <= 1)) fail(op, ": p must lie between 0 and 1, got ", p);
  if (!is_floating_point(x.dtype()))
    fail(op, ": expected a floating dtype, got ", x.dtype(),
         "; convert first, with .to(float32) for example");
  return training && p > 0;
}

void launch(std::string_view op, const Dropout& call, const Tensor& x, const Tensor& y) {
  const auto loop = make_loop<3>(x.shape(), {x.strides(), y.strides(), dense_strides(x.shape())});
  dispatch_floating(op, x.dtype(), [&]<class T>() {
    on_device(x.device(),
              [&](auto stream) { kernels::dropout(stream, call, loop, x.data<T>(), y.data<T>()); });
  });
}

// The derivative of the call, which is the call without what it adds.
struct Backward {
  std::string_view op;
  Dropout call;

  std::vector<Tensor> operator()(const Tensor& gradient, const NeededInputs&) const;
};

Tensor run(std::string_view op, const Dropout& call, const Tensor& x) {
  const Tensor y = empty_result(x.shape(), x.dtype(), {&x});
  launch(op, call, x, y);
  Dropout slope = call;
  slope.shift = slope.fill = 0;
  return record(op, y, {x}, Backward{op, slope}, Saves::nothing);
}

std::vector<Tensor> Backward::operator()(const Tensor& gradient, const NeededInputs&) const {
  return {run(op, call, gradient)};
}

}  // namespace

Tensor dropout(DropoutKind kind, const Tensor& x, double p, bool training,
               const std::optional<Generator>& generator) {
  const std::string_view op = name_of(kind, false);
  if (!check(op, x, p, training)) return x;
  Dropout call = call_of(op, kind, x, p);
  call.at = next_call(x.device(), generator);
  return run(op, call, x);
}

Tensor& dropout_(DropoutKind kind, Tensor& x, double p, bool training,
                 const std::optional<Generator>& generator) {
  const std::string_view op = name_of(kind, true);
  if (!check(op, x, p, training)) return x;
  check_in_place(op, x, {x});
  Dropout call = call_of(op, kind, x, p);
  call.at = next_call(x.device(), generator);
  launch(op, call, x, x);
  call.shift = call.fill = 0;
  record_in_place(op, x, {x}, Backward{op, call}, Saves::nothing);
  return x;
}

#define CUTTLE_DROPOUT(name, kind)                                \
  Tensor name(const Tensor& x, double p, bool training,           \
              const std::optional<Generator>& generator) {        \
    return dropout(DropoutKind::kind, x, p, training, generator); \
  }
CUTTLE_DROPOUT(dropout, elements)
CUTTLE_DROPOUT(dropout1d, channels1d)
CUTTLE_DROPOUT(dropout2d, channels2d)
CUTTLE_DROPOUT(dropout3d, channels3d)
CUTTLE_DROPOUT(alpha_dropout, alpha)
#undef CUTTLE_DROPOUT
Tensor& dropout_(Tensor& x, double p, bool training, const std::optional<Generator>& generator) {
  return dropout_(DropoutKind::elements, x, p, training, generator);
}

}  // namespace cuttle
