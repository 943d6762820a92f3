// Tensors joined along a dimension.
#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"

namespace cuttle {
namespace {

void check_parts(std::string_view op, const std::vector<Tensor>& tensors) {
  if (tensors.empty()) fail(op, ": needs at least one tensor");
  for (const Tensor& tensor : tensors) {
    check_defined(op, tensor);
    check_same_device(op, {&tensors[0], &tensor});
    check_same_dtype(op, {&tensors[0], &tensor});
  }
}

}  // namespace

Tensor cat(const std::vector<Tensor>& tensors, int64_t dim) {
  check_parts("cat", tensors);
  const Tensor& first = tensors[0];
  if (first.dim() == 0) fail("cat: tensors without dimensions cannot be joined; use stack");
  const int d = wrap_dim("cat", dim, first.dim());
  Shape shape = first.shape();
  shape[d] = 0;
  for (const Tensor& tensor : tensors) {
    Shape rest = tensor.shape();
    if (tensor.dim() == first.dim()) rest[d] = first.shape()[d];
    if (rest != first.shape())
      fail("cat: shapes ", first.shape(), " and ", tensor.shape(),
           " differ in another dimension than ", d);
    shape[d] += tensor.shape()[d];
  }
  Tensor out = empty(shape, {.dtype = first.dtype(), .device = first.device()});
  std::vector<int64_t> starts;
  {
    const NoGradGuard no_grad;
    int64_t start = 0;
    for (const Tensor& tensor : tensors) {
      out.narrow(d, start, tensor.size(d)).copy_(tensor);
      starts.push_back(start);
      start += tensor.size(d);
    }
  }
  starts.push_back(shape[d]);
  return record(
      "cat", out, tensors,
      [d, starts](const Tensor& gradient, const NeededInputs& needed) {
        std::vector<Tensor> parts(needed.size());
        for (size_t i = 0; i < needed.size(); ++i)
          if (needed[i]) parts[i] = gradient.narrow(d, starts[i], starts[i + 1] - starts[i]);
        return parts;
      },
      Saves::nothing);
}

Tensor stack(const std::vector<Tensor>& tensors, int64_t dim) {
  check_parts("stack", tensors);
  std::vector<Tensor> parts;
  for (const Tensor& tensor : tensors) {
    if (tensor.shape() != tensors[0].shape())
      fail("stack: all shapes must be equal, got ", tensors[0].shape(), " and ", tensor.shape());
    parts.push_back(tensor.unsqueeze(dim));
  }
  return cat(parts, wrap_dim("stack", dim, tensors[0].dim() + 1));
}

}  // namespace cuttle
