// Optimizer: groups and gradients. Its state_dict is in optimizer_state.cpp.
#include "optimizer.h"

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/tensor_impl.h"

namespace cuttle {

Optimizer::Optimizer(std::string name, std::vector<StateSlot> slots)
    : name_(std::move(name)), slots_(std::move(slots)) {
  for (size_t slot = 0; slot < slots_.size(); ++slot) states_.push_back(std::make_shared<States>());
}

void Optimizer::add_group(const std::vector<Tensor>& params) {
  std::unordered_set<const TensorImpl*> added;
  for (size_t i = 0; i < params.size(); ++i) {
    const Tensor& param = params[i];
    const auto reject = [&](const auto&... why) {
      fail(name_, ": parameter ", i, " of group ", group_count(), why...);
    };
    if (!param.defined()) reject(" is an undefined tensor");
    if (!param.is_leaf())
      reject(" (shape ", param.shape(), ") is the result of an operation (", param.grad_fn(),
             "); only leaves can be optimized: detach() it and call requires_grad_()");
    if (!param.requires_grad())
      reject(" (shape ", param.shape(),
             ") does not require a gradient; call requires_grad_(), or leave it out");
    if (known_.contains(&param.impl()) || !added.insert(&param.impl()).second)
      reject(" (shape ", param.shape(),
             ") is in the optimizer already; each parameter can be given once");
  }
  known_.merge(added);
  params_.insert(params_.end(), params.begin(), params.end());
  group_ends_.push_back(params_.size());
  notes_.emplace_back();
  for (const std::shared_ptr<States>& slot : states_) slot->resize(params_.size());
}

void Optimizer::check_not_empty() const {
  if (params_.empty())
    fail(name_,
         ": the list of parameters is empty; give it model.parameters(), and where that is empty, "
         "register the model's layers: a layer that is a plain member has parameters of its own, "
         "but the model learns of them through register_module(\"name\", layer) alone");
}

void Optimizer::check_group(size_t group) const {
  if (group >= group_count())
    fail(name_, ": there is no parameter group ", group, "; it has ", group_count(),
         ", numbered from 0");
}

std::vector<Tensor> Optimizer::parameters(size_t group) const {
  check_group(group);
  return std::vector<Tensor>(params_.begin() + static_cast<std::ptrdiff_t>(group_begin(group)),
                             params_.begin() + static_cast<std::ptrdiff_t>(group_end(group)));
}

void Optimizer::set_lr(double lr) {
  for (size_t group = 0; group < group_count(); ++group) set_lr(lr, group);
}

void Optimizer::step_unless(const Tensor& skip) {
  if (!skip.defined() || skip.item() == 0) step();
}

void Optimizer::zero_grad(bool set_to_none) {
  const NoGradGuard no_grad;
  for (Tensor& param : params_) {
    Tensor gradient = param.grad();
    if (!gradient.defined()) continue;
    if (set_to_none) {
      param.set_grad({});
    } else {
      gradient.zero_();
      if (!gradient.is_leaf()) param.set_grad(gradient.detach());
    }
  }
}

bool is_laid_out_like(const Tensor& source, const Tensor& target) {
  bool same = source.device() == target.device() && source.dtype() == target.dtype();
  for (int d = 0; d < target.dim() && target.numel() > 0; ++d)
    same = same && (target.size(d) == 1 || source.strides()[d] == target.strides()[d]);
  return same;
}

Tensor match_layout(const Tensor& source, const Tensor& target) {
  const Tensor moved = source.to(target.device(), target.dtype());
  if (is_laid_out_like(moved, target)) return moved;
  Tensor matched = empty_like(target);
  matched.copy_(moved);
  return matched;
}

}  // namespace cuttle
