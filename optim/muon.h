// Muon: momentum whose matrices are made orthogonal before they are followed.
#pragma once

#include <array>

#include "muon_batch.h"
#include "option_groups.h"

namespace cuttle {

/// torch.optim.Muon (Jordan et al. 2024). For a parameter p with gradient g, each step does
///   b ← b + (1 − momentum) · (g − b), from 0
///   u ← g + momentum · (b − g) with nesterov, else b
///   p ← p · (1 − lr · weight_decay) − lr · ratio · newton_schulz(u)
/// where newton_schulz (optim/newton_schulz.h) computes in bfloat16, all matrices of one shape as a
/// batch, and adjust_lr_fn gives the ratio for a matrix of (A, B).
///
/// It is for the matrices inside of a network; vectors, embeddings and the last layer go to another
/// optimizer. Filters (out, …) count as matrices (out, the rest), which PyTorch's refuses.
///
///     Muon muon(filters, {.lr = 0.02, .weight_decay = 0});
///     AdamW others(rest, {.lr = 1e-3});
///
/// A step that was captured into a CUDA graph follows learning rate, momentum, decay, ratio, and
/// the state that load_state_dict brings; a change of the other options throws Error there.
class Muon : public OptionGroups<MuonRule> {
 public:
  /// Throws Error as all optimizers do, and for a parameter of fewer than two dimensions.
  explicit Muon(const std::vector<Tensor>& params, const MuonOptions& options = {})
      : Muon(std::vector<ParamGroup>{{params, options}}) {}
  template <class T>
  requires std::is_arithmetic_v<T> Muon(const std::vector<Tensor>& params, T lr)
      : Muon(params, MuonOptions{.lr = static_cast<double>(lr)}) {}
  explicit Muon(const std::vector<ParamGroup>& groups);

  void add_param_group(const ParamGroup& group);

  void step() override { step_unless({}); }
  void step_unless(const Tensor& skip) override;

 private:
  using Batches = std::vector<MuonBatch>;  // one a device, dtype and shape

  /// What is kept for the parameter where it fits, else another; in a capture always the same one.
  Tensor momentum_for(size_t index);
  /// Gives batches the group's parameters that have a gradient.
  void gather(size_t group, Batches& batches);
  /// The group's step as part of a CUDA graph.
  void capture(size_t group, const Tensor& skip);

  std::vector<Batches> batches_;  // [group]
  std::vector<Tensor> captured_;  // [parameter]: momenta that replays fill
};

}  // namespace cuttle
