// Tensors joined along a dimension, old or new.
#include <algorithm>

#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "rearrange.h"

namespace cuttle {
namespace {

void check_parts(std::string_view op, const std::vector<Tensor>& tensors) {
  if (tensors.empty()) fail(op, ": expected at least one tensor, got none");
  for (const Tensor& tensor : tensors) {
    check_defined(op, tensor);
    check_same_device(op, {&tensors[0], &tensor});
  }
}

// PyTorch's legacy rule: a tensor of shape [0] joins anything and adds nothing but its dtype.
bool is_skipped(const Tensor& tensor) {
  return tensor.shape() == Shape{0};
}

bool is_channels_last(const Tensor& x) {
  return x.dim() == 4 && !x.is_contiguous() && x.is_contiguous(MemoryFormat::channels_last);
}

// What the joined tensor is: its shape, the dimension that the parts follow each other along, and
// where each of them starts.
struct Joint {
  Shape shape;
  int dim;
  std::vector<int64_t> starts;
};

Joint join(std::string_view op, const std::vector<Tensor>& tensors, int64_t dim) {
  const auto counted = std::find_if_not(tensors.begin(), tensors.end(), is_skipped);
  const Tensor& first = counted == tensors.end() ? tensors[0] : *counted;
  for (const Tensor& tensor : tensors)
    if (tensor.dim() == 0) fail(op, ": tensors without dimensions cannot be joined; use stack");
  const bool all_skipped = counted == tensors.end();  // then the dimension says nothing either
  Joint joint{first.shape(), all_skipped ? 0 : wrap_dim(op, dim, first.dim()), {}};
  const int d = joint.dim;
  joint.shape[d] = 0;
  for (const Tensor& tensor : tensors) {
    joint.starts.push_back(joint.shape[d]);
    if (is_skipped(tensor)) continue;
    Shape rest = tensor.shape();
    if (tensor.dim() == first.dim()) rest[d] = first.shape()[d];
    if (rest != first.shape())
      fail(op, ": shapes ", first.shape(), " and ", tensor.shape(),
           " differ in another dimension than ", d);
    joint.shape[d] += tensor.shape()[d];
  }
  joint.starts.push_back(joint.shape[d]);
  return joint;
}

// hstack and its kin: each tensor with at least so many dimensions, new ones before the others
// (after them from the third on).
std::vector<Tensor> with_rank(std::string_view op, const std::vector<Tensor>& tensors, int rank) {
  check_parts(op, tensors);
  std::vector<Tensor> parts;
  for (Tensor x : tensors) {
    while (x.dim() < std::min(rank, 2)) x = x.unsqueeze(0);
    while (x.dim() < rank) x = x.unsqueeze(-1);
    parts.push_back(x);
  }
  return parts;
}

// The tensors joined, for `op`.
Tensor joined(std::string_view op, const std::vector<Tensor>& tensors, int64_t dim) {
  check_parts(op, tensors);
  const Joint joint = join(op, tensors, dim);
  DType dtype = tensors[0].dtype();
  for (const Tensor& tensor : tensors) dtype = promote_types(dtype, tensor.dtype());
  const bool channels_last = std::all_of(tensors.begin(), tensors.end(), is_channels_last);
  Tensor out = empty(joint.shape, {.dtype = dtype, .device = tensors[0].device()},
                     channels_last ? MemoryFormat::channels_last : MemoryFormat::contiguous);
  {
    const NoGradGuard no_grad;
    for (size_t i = 0; i < tensors.size(); ++i)
      if (tensors[i].numel() > 0)
        out.narrow(joint.dim, joint.starts[i], joint.starts[i + 1] - joint.starts[i])
            .copy_(tensors[i]);
  }
  std::vector<std::pair<Shape, DType>> sources;
  for (const Tensor& tensor : tensors) sources.emplace_back(tensor.shape(), tensor.dtype());
  return record(
      "cat", out, tensors,
      [dim = joint.dim, starts = joint.starts, sources](const Tensor& gradient,
                                                        const NeededInputs& needed) {
        std::vector<Tensor> parts(needed.size());
        for (size_t i = 0; i < needed.size(); ++i) {
          if (!needed[i]) continue;
          const auto& [shape, own] = sources[i];
          const Tensor part = gradient.narrow(dim, starts[i], starts[i + 1] - starts[i]).to(own);
          parts[i] = part.shape() == shape ? part : part.reshape(shape);
        }
        return parts;
      },
      Saves::nothing);
}

}  // namespace

Tensor cat(const std::vector<Tensor>& tensors, int64_t dim) {
  return joined("cat", tensors, dim);
}

Tensor stack(const std::vector<Tensor>& tensors, int64_t dim) {
  check_parts("stack", tensors);
  const int d = wrap_dim("stack", dim, tensors[0].dim() + 1);
  std::vector<Tensor> parts;
  for (const Tensor& tensor : tensors) {
    if (tensor.shape() != tensors[0].shape())
      fail("stack: all shapes must be equal, got ", tensors[0].shape(), " and ", tensor.shape());
    parts.push_back(tensor.unsqueeze(d));
  }
  return joined("stack", parts, d);
}

Tensor hstack(const std::vector<Tensor>& tensors) {
  const std::vector<Tensor> parts = with_rank("hstack", tensors, 1);
  return joined("hstack", parts, parts[0].dim() == 1 ? 0 : 1);
}

Tensor vstack(const std::vector<Tensor>& tensors) {
  return joined("vstack", with_rank("vstack", tensors, 2), 0);
}

Tensor dstack(const std::vector<Tensor>& tensors) {
  return joined("dstack", with_rank("dstack", tensors, 3), 2);
}

Tensor column_stack(const std::vector<Tensor>& tensors) {
  check_parts("column_stack", tensors);
  std::vector<Tensor> parts;
  for (const Tensor& x : tensors) parts.push_back(x.dim() < 2 ? x.reshape({x.numel(), 1}) : x);
  return joined("column_stack", parts, 1);
}

Tensor row_stack(const std::vector<Tensor>& tensors) {
  return vstack(tensors);
}

}  // namespace cuttle
