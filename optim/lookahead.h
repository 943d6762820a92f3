// Lookahead: an optimizer around another, which keeps slow weights behind the fast ones.
#pragma once

#include "optimizer.h"

namespace cuttle {

struct LookaheadOptions {
  int64_t k = 5;       // steps of the fast weights between two of the slow ones, 1 or more
  double alpha = 0.5;  // how far the slow weights follow, above 0 and at most 1
};

/// Lookahead (Zhang et al. 2019, "Lookahead Optimizer: k steps forward, 1 step back"): every k
/// steps of the optimizer inside, with slow weights s that began as the parameters p,
///   s ← s + alpha · (p − s),  p ← s
/// It refers to that optimizer, which has to outlive it, and through which learning rates and
/// schedules go as before:
///
///     SGD sgd(model.parameters(), {.lr = 0.1, .momentum = 0.9});
///     Lookahead optimizer(sgd);
///     StepLR schedule(sgd, {.step_size = 30});
class Lookahead {
 public:
  /// Throws Error for a k below 1 and an alpha that is not above 0 and at most 1.
  explicit Lookahead(Optimizer& optimizer, const LookaheadOptions& options = {});
  Lookahead(const Lookahead&) = delete;
  Lookahead& operator=(const Lookahead&) = delete;

  /// A step of the optimizer inside, and after every k of them one of the slow weights. Throws
  /// Error while a CUDA graph is captured: a graph cannot count to k.
  void step();
  void zero_grad(bool set_to_none = true) { optimizer_.zero_grad(set_to_none); }

  /// "optimizer.…", the state of the optimizer inside; "step", how many it took; "slow.P", the slow
  /// weights of parameter P.
  StateDict state_dict() const;
  /// Throws Error, and has changed nothing, if the state does not fit.
  void load_state_dict(const StateDict& state);

 private:
  Optimizer& optimizer_;
  LookaheadOptions options_;
  std::vector<Tensor> parameters_;
  std::vector<Tensor> slow_;
  int64_t step_ = 0;
};

}  // namespace cuttle
