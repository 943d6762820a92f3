// What a leaf keeps for the tape, shared by all threads that use the leaf: its grad, and the node
// that stands for it.
#pragma once

#include "node.h"

namespace cuttle {

/// The grad, undefined where there is none. These four may be called from any thread at any time;
/// what the grad's elements are while another thread adds to them is open.
Tensor stored_gradient(const TensorImpl& leaf);
void store_gradient(TensorImpl& leaf, const Tensor& gradient);
/// grad += gradient. The first to arrive becomes the grad itself if nobody else holds it. With grad
/// mode on, the sum keeps its history.
void accumulate_gradient(TensorImpl& leaf, const Tensor& gradient);

/// True if this handle is the only one on the tensor and its memory, and the tensor fills that in
/// some order: then it may be written in place, or kept, without anybody learning of it.
bool is_held_once(const Tensor& tensor);

/// The node that ends the tape at this leaf. One at a time: it is made when an operation first asks
/// for it, and lives as long as a graph holds it.
std::shared_ptr<AccumulateGrad> accumulator_of(TensorImpl& leaf);

}  // namespace cuttle
