// Views and in-place writes: a write to a view changes the history of the tensor whose memory it
// shows, its base, and a change of the base's history changes that of its views.
#pragma once

#include "../tensor_impl.h"
#include "record.h"

namespace cuttle {

/// Notes in `view`, a new tensor on x's memory, what in-place writes need to know: its base where
/// recording is on, else that there is none.
void become_view(TensorImpl& view, const Tensor& x);

/// Gives a view whose base got another history a new place on the tape. Several threads may.
void take_place_again(TensorImpl& view);
inline void refresh_view(TensorImpl& impl) {
  if (impl.base &&
      impl.view_graph_version.load(std::memory_order_acquire) != impl.storage->graph_version())
    take_place_again(impl);
}

/// True for a view whose memory a base, or other views, hold too. One that alone holds it (a matrix
/// product's result, reshaped) is as good as a tensor of its own.
bool shows_others_memory(const TensorImpl& impl);

/// Throws Error where a write to a view would be lost for the gradients of others. `records`: the
/// inputs of the write require a gradient.
void check_write_to_view(std::string_view op, const Tensor& view, bool records);

/// Puts a write to a view on the tape. The base's new node sends the gradient of what was written
/// through `backward`, and that of the rest to the base's previous node.
void rebase_history(std::string_view op, const Tensor& view, const InputList& inputs,
                    BackwardFunction backward, Saves saves);

}  // namespace cuttle
