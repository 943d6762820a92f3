// What a Tensor handle points to. For the library's own operations; users see Tensor.
#pragma once

#include <atomic>
#include <memory>

#include "autograd/gradient_hooks.h"
#include "shape.h"
#include "storage.h"
#include "tensor.h"

namespace cuttle {

class Node;
class AccumulateGrad;

struct TensorImpl : std::enable_shared_from_this<TensorImpl> {
  std::shared_ptr<Storage> storage;
  int64_t offset = 0;  // of the first element, in elements
  Shape shape;
  Strides strides;
  int64_t numel = 0;
  DType dtype = DType::float32;

  // The tape. A leaf has no node.
  bool requires_grad = false;
  bool retains_grad = false;                  // of a result: its node's hooks fill `grad`
  std::shared_ptr<Node> node;                 // the operation that made it
  std::weak_ptr<AccumulateGrad> accumulator;  // the node that stands for this leaf
  std::shared_ptr<TensorImpl> grad;
  GradientHooksSlot hooks;  // of a leaf

  // Views (autograd/view_history.h).
  // Of a view that was taken while recording: the tensor whose memory and history it shows.
  std::shared_ptr<TensorImpl> base;
  // The Storage::graph_version() of which a view's place on the tape speaks.
  std::atomic<uint64_t> view_graph_version{0};
  // A view that was taken without recording has no base,
  bool untracked_view = false;
  // and where that one requires a gradient, it shows memory whose history it does not know.
  bool hides_history = false;

  /// Takes over another tensor's memory, shape and dtype but stays the same tensor: every handle,
  /// an optimizer's too, sees the change. Module::to moves parameters so.
  void set_data(const TensorImpl& other);
};

/// Bytes that so many elements take. Throws Error if that overflows.
size_t bytes_of(const Shape& shape, DType dtype);

/// Uninitialised memory, addressed by `strides`, which must be dense in some order.
Tensor empty_strided(const Shape& shape, const Strides& strides, DType dtype, Device device);

/// A tensor on existing storage.
Tensor make_tensor(std::shared_ptr<Storage> storage, const Shape& shape, const Strides& strides,
                   int64_t offset, DType dtype);

}  // namespace cuttle
