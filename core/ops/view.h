// What the files of views share.
#pragma once

#include <functional>
#include <string_view>

#include "../autograd/record.h"
#include "../tensor_impl.h"

namespace cuttle {

/// Another shape on x's memory, not on the tape yet.
Tensor bare_view(const Tensor& x, const Shape& shape, const Strides& strides, int64_t offset);

/// The same with its place on the tape: `backward` maps the view's gradient to x's and keeps no
/// tensor. A template, so that nothing is made of a backward that is not kept.
template <class Backward>
Tensor make_view(std::string_view op, const Tensor& x, const Shape& shape, const Strides& strides,
                 int64_t offset, Backward&& backward) {
  return record(op, bare_view(x, shape, strides, offset), {x}, std::forward<Backward>(backward),
                Saves::nothing);
}

/// The backward of a view that shows every element once, in another shape.
inline auto reshape_back(const Shape& shape) {
  return [shape](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
    return {gradient.reshape(shape)};
  };
}

/// A part of a tensor, as a view of it.
using Part = std::function<Tensor(const Tensor& whole)>;

/// A tensor of zeros but for the part that `part` views, which is `value`: the backward of each
/// view that shows some elements once and others not. Recorded.
Tensor embed(const Tensor& value, const Shape& shape, const Part& part);

/// The backward of such a view of a tensor of this shape.
inline auto embed_back(const Shape& shape, Part part) {
  return [shape, part = std::move(part)](const Tensor& gradient,
                                         const NeededInputs&) -> std::vector<Tensor> {
    return {embed(gradient, shape, part)};
  };
}

}  // namespace cuttle
