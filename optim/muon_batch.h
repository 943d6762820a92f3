// Muon's options, and its step for parameters of one shape. For optim alone but for the options.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "../core/tensor.h"

namespace cuttle {

/// What the learning rate is multiplied by for a matrix of A rows and B columns.
enum class AdjustLrFn {
  original,            // √max(1, A / B)
  match_rms_adamw,     // 0.2 · √max(A, B): lengths of steps are AdamW's
  spectral_unclamped,  // √(A / B)
};

/// With the meaning and the defaults of torch.optim.Muon.
struct MuonOptions {
  double lr = 1e-3;
  double weight_decay = 0.1;  // decoupled
  double momentum = 0.95;
  bool nesterov = true;
  std::array<double, 3> ns_coefficients = {3.4445, -4.775, 2.0315};
  double eps = 1e-7;
  int64_t ns_steps = 5;  // below 100
  AdjustLrFn adjust_lr_fn = AdjustLrFn::original;
};

/// The options by name.
struct MuonRule {
  using Options = MuonOptions;
  static constexpr const char* kName = "Muon";

  template <class O, class F>
  static void for_each_option(O& o, const F& f) {
    f("lr", o.lr);
    f("weight_decay", o.weight_decay);
    f("momentum", o.momentum);
    f("nesterov", o.nesterov);
    f("ns_coefficients.0", o.ns_coefficients[0]);
    f("ns_coefficients.1", o.ns_coefficients[1]);
    f("ns_coefficients.2", o.ns_coefficients[2]);
    f("eps", o.eps);
    f("ns_steps", o.ns_steps);
    f("adjust_lr_fn", o.adjust_lr_fn);
  }
};

/// Throws Error where options differ that a captured step cannot follow.
void check_followed(const MuonOptions& captured, const MuonOptions& now);

/// One parameter's part of a step.
struct MuonUpdate {
  size_t index;  // the parameter's number in the optimizer
  Tensor parameter;
  const void* memory;  // where the parameter lies
  Tensor gradient;
  Tensor momentum;
};

/// The parameters of one group, device, dtype and shape. The numbers that change from step to step
/// lie on the device: a captured step, replayed, reads what is there then.
class MuonBatch {
 public:
  explicit MuonBatch(const Tensor& parameter);

  bool takes(const Tensor& parameter) const;
  void add(MuonUpdate update) { updates_.push_back(std::move(update)); }
  const std::vector<MuonUpdate>& updates() const noexcept { return updates_; }
  void clear() noexcept { updates_.clear(); }

  /// Before the step runs or is replayed: gives it the options, and its momenta what `kept` holds
  /// for their parameters, 0 for nothing. From then on they are what is kept. Throws Error for a
  /// parameter that has moved.
  void prepare(const MuonOptions& options, std::vector<Tensor>& kept);
  /// Queues the step, which changes nothing where `skip`, if defined, is other than 0.
  void run(const MuonOptions& options, const Tensor& skip);

 private:
  /// {1 − momentum, momentum, 1 − lr · weight_decay, −lr · ratio}.
  using Numbers = std::array<double, 4>;
  void set(const Numbers& numbers);

  Shape shape_;
  int64_t rows_, columns_;        // as a matrix
  Tensor numbers_;                // (2, 4): the step's, and those of one that changes nothing
  std::optional<Numbers> known_;  // as the device has them
  std::vector<MuonUpdate> updates_;
};

}  // namespace cuttle
