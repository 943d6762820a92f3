#include "view_history.h"

#include <mutex>

#include "../creation.h"
#include "../ops/arithmetic.h"
#include "../ops/strided_region.h"
#include "grad_mode.h"
#include "locks.h"

namespace cuttle {
namespace {

Tensor base_of(const TensorImpl& view) {
  return Tensor(view.base);
}

// What was written, as a part of the base's memory.
struct Written {
  Region base, region;

  // Of a gradient of the base, the part that belongs to the region. Recorded.
  Tensor part_of(const Tensor& gradient) const {
    const bool alike = gradient.strides() == base.strides;
    const Tensor laid_out = alike ? gradient : spread(gradient, base, base);
    return laid_out.as_strided(region.shape, region.strides,
                               laid_out.impl().offset + region.offset - base.offset);
  }

  // A gradient of the base with the region replaced by `value`, or by zeros. Recorded.
  Tensor replaced(const Tensor& gradient, const Tensor& value) const {
    Tensor out;
    {
      const NoGradGuard no_grad;
      const Tensor memory = zeros({end_of(base) - base.offset},
                                  {.dtype = gradient.dtype(), .device = gradient.device()});
      out = memory.as_strided(base.shape, base.strides, 0).detach();
      out.copy_(gradient);
      Tensor part = part_of(out);
      if (value.defined())
        part.copy_(value);
      else
        part.zero_();
    }
    return record(
        "replace_region", out, {gradient, value},
        [*this](const Tensor& outer, const NeededInputs& needed) -> std::vector<Tensor> {
          return {needed[0] ? replaced(outer, {}) : Tensor(),
                  needed[1] ? part_of(outer) : Tensor()};
        },
        Saves::nothing);
  }
};

}  // namespace

void become_view(TensorImpl& view, const Tensor& x) {
  TensorImpl& impl = x.impl();
  view.view_graph_version = impl.storage->graph_version();
  view.hides_history = impl.hides_history || (!is_grad_enabled() && x.requires_grad());
  view.untracked_view = impl.untracked_view || !is_grad_enabled();
  if (view.untracked_view) return;
  const bool on_base = impl.base && impl.base->storage == impl.storage;
  view.base = on_base ? impl.base : impl.shared_from_this();
}

void take_place_again(TensorImpl& view) {
  TensorImpl& base = *view.base;
  // Module::to may have moved the base; a leaf's history is its own.
  const bool keeps = base.storage != view.storage || (view.requires_grad && !view.node);
  std::shared_ptr<Node> node;  // the old one outlives the lock
  const uint64_t now = view.storage->graph_version();
  if (!keeps && base.requires_grad) {
    Node::Edges edges{{gradient_node(base_of(view)), base.shape, base.dtype}};
    node = std::make_shared<Node>(
        "as_strided", std::move(edges),
        [from = Region{view.shape, view.strides, view.offset},
         to = Region{base.shape, base.strides, base.offset}](
            const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
          return {spread(gradient, from, to)};
        });
    node->set_saves_nothing();
    if (view.retains_grad) node->make_hooks().retain_for(view);
  }
  const std::lock_guard lock(pointer_lock(&view));
  if (view.view_graph_version == now) return;  // another thread was faster
  if (!keeps) {
    view.node.swap(node);
    view.requires_grad = base.requires_grad;
  }
  view.view_graph_version.store(now, std::memory_order_release);
}

bool shows_others_memory(const TensorImpl& impl) {
  if (impl.untracked_view) return impl.storage.use_count() > 1;
  if (!impl.base || impl.base->storage != impl.storage) return false;
  return impl.base.use_count() > 1 || impl.storage.use_count() > 2;
}

void check_write_to_view(std::string_view op, const Tensor& view, bool records) {
  const TensorImpl& impl = view.impl();
  if (!is_grad_enabled() || !shows_others_memory(impl)) return;
  if (impl.hides_history)
    fail(
        op, ": this view (shape ", impl.shape,
        ") was taken under NoGradGuard of a tensor that requires a gradient, which would not learn "
        "of the change; take the view and change it both under NoGradGuard, or neither");
  if (impl.untracked_view && (records || view.requires_grad()))
    fail(op, ": this view (shape ", impl.shape,
         ") was taken under NoGradGuard, so that the tensor it shows would not learn of the "
         "change's gradient; take the view while recording");
  if (impl.untracked_view) return;
  const Tensor base = base_of(impl);
  if (base.requires_grad() && base.is_leaf())
    fail(op, ": a view (shape ", impl.shape, ") of a leaf that requires a gradient (shape ",
         base.shape(),
         ") cannot be changed in place while recording; do it under NoGradGuard, or use the "
         "out-of-place form");
  if (!records && !view.requires_grad()) return;
  const Region whole = region_of(base), region = region_of(view);
  if (may_overlap(whole) || region.offset < whole.offset || end_of(region) > end_of(whole))
    fail(op, ": this view (shape ", region.shape, ", strides ", region.strides,
         ") leads out of the tensor of shape ", whole.shape, " and strides ", whole.strides,
         " that it was taken of, whose gradient could not follow; clone() that one first");
}

void rebase_history(std::string_view op, const Tensor& view, const InputList& inputs,
                    BackwardFunction backward, Saves saves) {
  settle_saved_tensors(op);
  const Tensor base = base_of(view.impl());
  Node::Edges edges{{gradient_node(base), base.shape(), base.dtype()}};
  std::vector<bool> is_view;  // the inputs that stand for what the view held
  for (const Tensor& input : inputs) {
    is_view.push_back(input.defined() && input.is_same(view));
    Node::Edge edge;
    if (input.defined() && !is_view.back())
      edge = {gradient_node(input), input.shape(), input.dtype()};
    edges.push_back(std::move(edge));
  }
  const Written written{region_of(base), region_of(view)};
  auto node = std::make_shared<Node>(
      op, std::move(edges),
      [=, backward = std::move(backward)](const Tensor& gradient,
                                          const NeededInputs& needed) -> std::vector<Tensor> {
        NeededInputs wanted;
        for (size_t i = 0; i < is_view.size(); ++i)
          wanted.push_back(is_view[i] ? needed[0] : needed[i + 1]);
        std::vector<Tensor> found = backward(written.part_of(gradient), wanted);
        Tensor of_view;
        for (size_t i = 0; i < found.size(); ++i) {
          if (!is_view[i] || !found[i].defined()) continue;
          of_view = of_view.defined() ? of_view + found[i] : found[i];
          found[i] = Tensor();
        }
        found.insert(found.begin(), needed[0] ? written.replaced(gradient, of_view) : Tensor());
        found.resize(needed.size());
        return found;
      });
  if (saves == Saves::nothing) node->set_saves_nothing();
  TensorImpl& impl = base.impl();
  impl.node = std::move(node);
  impl.requires_grad = true;
  if (impl.retains_grad) impl.node->make_hooks().retain_for(impl);
}

}  // namespace cuttle
