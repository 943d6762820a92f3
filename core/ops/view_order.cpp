// Views that are made of other views: dimensions moved, added, unfolded into several.
#include <algorithm>

#include "../dispatch.h"
#include "view.h"

namespace cuttle {

Tensor ViewMethods::movedim(const Dims& source, const Dims& destination) const {
  const Tensor& x = check_defined("movedim", self(*this));
  if (source.size() != destination.size())
    fail("movedim: ", source.size(), " dimensions cannot go to ", destination.size(), " places");
  std::vector<int64_t> order(static_cast<size_t>(x.dim()), -1);
  std::vector<bool> moved(order.size());
  auto to = destination.begin();
  for (const int64_t dim : source) {
    const auto from = static_cast<size_t>(wrap_dim("movedim", dim, x.dim()));
    const auto place = static_cast<size_t>(wrap_dim("movedim", *to++, x.dim()));
    if (x.dim() == 0) return x;
    if (moved[from] || order[place] != -1)
      fail("movedim: a dimension or a place is named twice, moving dimension ", from, " to ", place,
           " of a tensor of shape ", x.shape());
    moved[from] = true;
    order[place] = static_cast<int64_t>(from);
  }
  size_t next = 0;
  for (int64_t& from : order) {
    if (from != -1) continue;
    while (moved[next]) ++next;
    from = static_cast<int64_t>(next++);
  }
  return x.permute(order);
}

Tensor ViewMethods::moveaxis(const Dims& source, const Dims& destination) const {
  return movedim(source, destination);
}

Tensor ViewMethods::unflatten(int64_t dim, const Shape& sizes) const {
  const Tensor& x = check_defined("unflatten", self(*this));
  const int d = wrap_dim("unflatten", dim, x.dim());
  const int64_t whole = x.size(d);
  int64_t known = 1;
  for (const int64_t size : sizes) known *= size == -1 ? 1 : size;
  const auto open = std::count(sizes.begin(), sizes.end(), -1);
  const bool fits = open == 1 ? known > 0 && whole % known == 0 : open == 0 && known == whole;
  if (!fits || sizes.empty())
    fail("unflatten: dimension ", d, " of size ", whole, " cannot become ", sizes);
  Shape shape;
  for (int i = 0; i < x.dim(); ++i) {
    if (i != d) {
      shape.push_back(x.shape()[i]);
      continue;
    }
    for (const int64_t size : sizes) shape.push_back(size == -1 ? whole / known : size);
  }
  return view(shape);
}

Tensor ViewMethods::swapaxes(int64_t axis0, int64_t axis1) const {
  return transpose(axis0, axis1);
}
Tensor ViewMethods::swapdims(int64_t dim0, int64_t dim1) const {
  return transpose(dim0, dim1);
}

Tensor ViewMethods::T() const {
  const Tensor& x = check_defined("T", self(*this));
  std::vector<int64_t> order;
  for (int64_t d = x.dim() - 1; d >= 0; --d) order.push_back(d);
  return x.permute(order);
}

Tensor ViewMethods::mT() const {
  const Tensor& x = check_defined("mT", self(*this));
  if (x.dim() < 2) fail("mT: expected a matrix or a stack of them, got shape ", x.shape());
  return x.transpose(-2, -1);
}

Tensor ViewMethods::view_as(const Tensor& other) const {
  return view(other.shape());
}
Tensor ViewMethods::reshape_as(const Tensor& other) const {
  return reshape(other.shape());
}
Tensor ViewMethods::expand_as(const Tensor& other) const {
  return expand(other.shape());
}
Tensor ViewMethods::broadcast_to(const Shape& shape) const {
  return expand(shape);
}
Tensor ViewMethods::ravel() const {
  return reshape({-1});
}

Tensor ViewMethods::atleast_1d() const {
  const Tensor& x = check_defined("atleast_1d", self(*this));
  return x.dim() >= 1 ? x : reshape({1});
}
Tensor ViewMethods::atleast_2d() const {
  const Tensor& x = check_defined("atleast_2d", self(*this));
  return x.dim() >= 2 ? x : x.atleast_1d().unsqueeze(0);
}
Tensor ViewMethods::atleast_3d() const {
  const Tensor& x = check_defined("atleast_3d", self(*this));
  return x.dim() >= 3 ? x : x.atleast_2d().unsqueeze(-1);
}

}  // namespace cuttle
