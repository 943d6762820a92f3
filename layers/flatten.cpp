// Views where the layout allows it, else copies.
#include "flatten.h"

#include <array>

#include "../core/dispatch.h"

namespace cuttle {
namespace {

void check_factor(std::string_view op, const char* name, int64_t factor) {
  if (factor < 1) fail(op, ": ", name, " must be at least 1, got ", factor);
}

// x (…, A, B, C) with `inner`, five sizes in place of the last three, those dimensions in
// `order`, and then joined to three.
Tensor regrouped(const Tensor& x, const std::array<int64_t, 5>& inner,
                 const std::array<int64_t, 5>& order, const std::array<int64_t, 3>& joined) {
  const int front = x.dim() - 3;
  Shape split, shape;
  std::vector<int64_t> dims;
  for (int d = 0; d < front; ++d) {
    split.push_back(x.size(d));
    shape.push_back(x.size(d));
    dims.push_back(d);
  }
  for (const int64_t size : inner) split.push_back(size);
  for (const int64_t d : order) dims.push_back(front + d);
  for (const int64_t size : joined) shape.push_back(size);
  return x.reshape(split).permute(dims).reshape(shape);
}

}  // namespace

Flatten::Flatten(int64_t start_dim, int64_t end_dim) : start_dim_(start_dim), end_dim_(end_dim) {
  constructed_from<Flatten>(start_dim, end_dim);
}

Tensor Flatten::forward(const Tensor& input) {
  return input.flatten(start_dim_, end_dim_);
}

std::string Flatten::extra_repr() const {
  return "start_dim=" + std::to_string(start_dim_) + ", end_dim=" + std::to_string(end_dim_);
}

Unflatten::Unflatten(int64_t dim, const Shape& unflattened_size)
    : dim_(dim), sizes_(unflattened_size) {
  constructed_from<Unflatten>(dim, unflattened_size);
}

Tensor Unflatten::forward(const Tensor& input) {
  return input.unflatten(dim_, sizes_);
}

std::string Unflatten::extra_repr() const {
  std::string sizes;
  for (int d = 0; d < sizes_.size(); ++d) sizes += (d > 0 ? ", " : "") + std::to_string(sizes_[d]);
  if (sizes_.size() == 1) sizes += ",";
  return "dim=" + std::to_string(dim_) + ", unflattened_size=(" + sizes + ")";
}

Tensor pixel_shuffle(const Tensor& x, int64_t upscale_factor) {
  const int64_t r = upscale_factor;
  check_defined("pixel_shuffle", x);
  check_factor("pixel_shuffle", "upscale_factor", r);
  if (x.dim() < 3 || x.size(-3) % (r * r) != 0)
    fail("pixel_shuffle: expected (…, C · ", r * r, ", H, W) for the factor ", r, ", got shape ",
         x.shape());
  const int64_t channels = x.size(-3) / (r * r), height = x.size(-2), width = x.size(-1);
  return regrouped(x, {channels, r, r, height, width}, {0, 3, 1, 4, 2},
                   {channels, height * r, width * r});
}

Tensor pixel_unshuffle(const Tensor& x, int64_t downscale_factor) {
  const int64_t r = downscale_factor;
  check_defined("pixel_unshuffle", x);
  check_factor("pixel_unshuffle", "downscale_factor", r);
  if (x.dim() < 3 || x.size(-2) % r != 0 || x.size(-1) % r != 0)
    fail("pixel_unshuffle: expected (…, C, H · ", r, ", W · ", r, ") for the factor ", r,
         ", got shape ", x.shape());
  const int64_t channels = x.size(-3), height = x.size(-2) / r, width = x.size(-1) / r;
  return regrouped(x, {channels, height, r, width, r}, {0, 2, 4, 1, 3},
                   {channels * r * r, height, width});
}

#define CUTTLE_PIXEL_LAYER(Name, function, name) \
  Name::Name(int64_t name) : factor_(name) {     \
    check_factor(#Name, #name, name);            \
    constructed_from<Name>(name);                \
  }                                              \
  Tensor Name::forward(const Tensor& input) {    \
    return function(input, factor_);             \
  }                                              \
  std::string Name::extra_repr() const {         \
    return #name "=" + std::to_string(factor_);  \
  }
CUTTLE_PIXEL_LAYER(PixelShuffle, pixel_shuffle, upscale_factor)
CUTTLE_PIXEL_LAYER(PixelUnshuffle, pixel_unshuffle, downscale_factor)
#undef CUTTLE_PIXEL_LAYER

}  // namespace cuttle
