// Views that choose elements by strides: diagonals, windows, as_strided.
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "arithmetic.h"
#include "strided_region.h"
#include "view.h"

namespace cuttle {
namespace {

struct Plane {
  int first, second;
};

Plane plane_of(std::string_view op, int64_t dim1, int64_t dim2, int rank) {
  const Plane plane{wrap_dim(op, dim1, rank), wrap_dim(op, dim2, rank)};
  if (plane.first == plane.second)
    fail(op, ": the two dimensions must differ, both are ", plane.first);
  return plane;
}

}  // namespace

// Gradients of elements that are not the tensor's own, as a view of a slice may show, are lost, as
// in PyTorch.
Tensor ViewMethods::as_strided(const Shape& size, const Strides& stride,
                               std::optional<int64_t> storage_offset) const {
  const Tensor& x = check_defined("as_strided", self(*this));
  const TensorImpl& impl = x.impl();
  const Region region{size, stride, storage_offset.value_or(impl.offset)};
  if (size.size() != stride.size())
    fail("as_strided: ", stride.size(), " strides for a shape of ", size.size(), " dimensions, ",
         size);
  for (int d = 0; d < size.size(); ++d)
    if (size[d] < 0 || stride[d] < 0)
      fail("as_strided: sizes and strides must not be negative, got shape ", size, " and strides ",
           stride);
  const auto held = static_cast<int64_t>(impl.storage->bytes() / element_size(impl.dtype));
  const bool fits_numbers = size.numel() == 0 || [&] {
    int64_t rest = held - 1 - region.offset;
    for (int d = 0; d < size.size() && rest >= 0; ++d)
      if (size[d] > 1)
        rest = stride[d] > rest / (size[d] - 1) ? -1 : rest - (size[d] - 1) * stride[d];
    return rest >= 0;
  }();
  if (region.offset < 0 || !fits_numbers)
    fail("as_strided: shape ", size, " with strides ", stride, " from element ", region.offset,
         " on reaches beyond the ", held, " elements of the tensor's memory");
  const Region own = region_of(x);
  if (needs_recording({x}) && may_overlap(own))
    fail("as_strided: several elements of this tensor of shape ", own.shape, " and strides ",
         own.strides,
         " share memory, so that their gradients cannot be told apart; contiguous() it "
         "first");
  return make_view("as_strided", x, size, stride, region.offset,
                   [=](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
                     return {spread(gradient, region, own)};
                   });
}

Tensor ViewMethods::diagonal(int64_t offset, int64_t dim1, int64_t dim2) const {
  const Tensor& x = check_defined("diagonal", self(*this));
  if (x.dim() < 2) fail("diagonal: expected at least two dimensions, got shape ", x.shape());
  const auto [a, b] = plane_of("diagonal", dim1, dim2, x.dim());
  const int64_t rows = x.shape()[a], columns = x.shape()[b];
  const int64_t down = std::max<int64_t>(-offset, 0), right = std::max<int64_t>(offset, 0);
  const int64_t length = std::max<int64_t>(
      0, std::min(rows - std::min(down, rows), columns - std::min(right, columns)));
  Shape shape;
  Strides strides;
  for (int d = 0; d < x.dim(); ++d) {
    if (d == a || d == b) continue;
    shape.push_back(x.shape()[d]);
    strides.push_back(x.strides()[d]);
  }
  shape.push_back(length);
  strides.push_back(x.strides()[a] + x.strides()[b]);
  const int64_t start = length == 0 ? 0 : down * x.strides()[a] + right * x.strides()[b];
  return make_view("diagonal", x, shape, strides, x.impl().offset + start,
                   embed_back(x.shape(), [offset, a = a, b = b](const Tensor& whole) {
                     return whole.diagonal(offset, a, b);
                   }));
}

Tensor ViewMethods::diag_embed(int64_t offset, int64_t dim1, int64_t dim2) const {
  const Tensor& x = check_defined("diag_embed", self(*this));
  if (x.dim() == 0) fail("diag_embed: a tensor without dimensions has no diagonal to give");
  const auto [a, b] = plane_of("diag_embed", dim1, dim2, x.dim() + 1);
  const int64_t side = x.size(-1) + std::abs(offset);
  Shape shape;
  for (int d = 0, from = 0; d <= x.dim(); ++d)
    shape.push_back(d == a || d == b ? side : x.shape()[from++]);
  return embed(x, shape, [offset, a = a, b = b](const Tensor& whole) {
    return whole.diagonal(offset, a, b);
  });
}

Tensor ViewMethods::diag(int64_t diagonal_offset) const {
  const Tensor& x = check_defined("diag", self(*this));
  if (x.dim() == 1) return x.diag_embed(diagonal_offset);
  if (x.dim() != 2)
    fail("diag: expected one or two dimensions, got shape ", x.shape(),
         "; use diagonal or diag_embed");
  return x.diagonal(diagonal_offset).clone();
}

// Windows may overlap: the backward adds them up, each element's in the order of the windows.
Tensor ViewMethods::unfold(int64_t dim, int64_t size, int64_t step) const {
  const Tensor& x = check_defined("unfold", self(*this));
  const int d = wrap_dim("unfold", dim, x.dim());
  const int64_t whole = x.dim() == 0 ? 1 : x.shape()[d];
  if (size < 0 || size > whole)
    fail("unfold: a window of ", size, " does not fit into size ", whole, " of dimension ", d,
         " in shape ", x.shape());
  if (step < 1) fail("unfold: the step must be at least 1, got ", step);
  Shape shape = x.shape();
  Strides strides = x.strides();
  shape.push_back(size);
  strides.push_back(x.dim() == 0 ? 1 : strides[d]);
  if (x.dim() > 0) {
    shape[d] = (whole - size) / step + 1;
    strides[d] *= step;
  }
  const int64_t windows = x.dim() == 0 ? 1 : shape[d];
  return make_view(
      "unfold", x, shape, strides, x.impl().offset,
      [=, old = x.shape()](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        if (old.empty()) return {gradient.reshape(old)};
        const TensorOptions places{.dtype = int64, .device = gradient.device()};
        const Tensor index = (arange(windows, places) * step).unsqueeze(1) + arange(size, places);
        const Tensor sum = zeros(old, {.dtype = gradient.dtype(), .device = gradient.device()});
        // The windows' own dimension goes next to that of their numbers, and both become one.
        return {
            sum.index_add(d, index.reshape({-1}), gradient.movedim(-1, d + 1).flatten(d, d + 1))};
      });
}

}  // namespace cuttle
