// States of optimizers in PyTorch's layout, as torch.save(optimizer.state_dict()) has them and
// optimizer.load_state_dict(torch.load(…)) takes them. Schedules' and scalers' have it anyway.
#pragma once

#include "../core/value.h"
#include "../optim/optimizer.h"

namespace cuttle {

/// {"state": {0: {"step": …, "exp_avg": …}, …}, "param_groups": [{"lr": …, "params": [0, …]}, …]}:
/// the number of steps a float32 tensor, betas a tuple, switches bools; Adam and AdamW are told
/// apart by decoupled_weight_decay. Tensors share the optimizer's memory.
Dict torch_state(const Optimizer& optimizer);
/// Takes over such a state, PyTorch's own too, with what schedules noted in it (initial_lr, max_lr,
/// …). Passed over is what concerns PyTorch's kernels (foreach, capturable, differentiable, fused);
/// an option that an older version did not save stays as it is; None is nothing. Throws Error, and
/// has changed nothing, if it does not fit.
void load_torch_state(Optimizer& optimizer, const Value& state);

}  // namespace cuttle
