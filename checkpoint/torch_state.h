// States of optimizers, schedules and scalers in PyTorch's layout, as torch.save(x.state_dict())
// has them and x.load_state_dict(torch.load(…)) takes them.
#pragma once

#include "../io/value.h"
#include "../optim/grad_scaler.h"
#include "../optim/optimizer.h"
#include "../optim/schedulers/reduce_lr_on_plateau.h"
#include "../optim/schedulers/scheduler.h"

namespace cuttle {

/// {"state": {0: {"step": …, "exp_avg": …}, …}, "param_groups": [{"lr": …, "params": [0, …]}, …]}:
/// the number of steps a float32 tensor, betas a tuple, switches bools; Adam and AdamW are told
/// apart by decoupled_weight_decay. Tensors share the optimizer's memory.
Dict torch_state(const Optimizer& optimizer);
/// Takes over such a state, PyTorch's own too. Passed over is what concerns PyTorch's kernels
/// (foreach, capturable, differentiable, fused) and schedules (initial_lr, max_lr, …); an option
/// that an older version did not save stays as it is; None is nothing. Throws Error, and has
/// changed nothing, if it does not fit.
void load_torch_state(Optimizer& optimizer, const Value& state);

/// {"last_epoch": 3, "base_lrs": [0.1], "_last_lr": [0.05], …}; of combined schedules,
/// "_schedulers" a list. PyTorch keeps what is not in it, as milestones, from the constructor.
Dict torch_state(const LRScheduler& scheduler);
/// Throws Error, and has changed nothing, if something is missing. What PyTorch saves beyond it is
/// passed over: the constructor's options count.
void load_torch_state(LRScheduler& scheduler, const Value& state);
Dict torch_state(const ReduceLROnPlateau& scheduler);
void load_torch_state(ReduceLROnPlateau& scheduler, const Value& state);

/// {"scale": 65536.0, …, "_growth_tracker": 0}.
Dict torch_state(const GradScaler& scaler);
void load_torch_state(GradScaler& scaler, const Value& state);

}  // namespace cuttle
