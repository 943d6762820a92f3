// Flatten: several dimensions become one.
#pragma once

#include "module.h"

namespace cuttle {

/// torch.nn.Flatten: joins dimensions start_dim to end_dim, both included; the default keeps the
/// batch: (N, C, H, W) becomes (N, C · H · W).
class Flatten : public Module {
 public:
  explicit Flatten(int64_t start_dim = 1, int64_t end_dim = -1)
      : start_dim_(start_dim), end_dim_(end_dim) {}

  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 private:
  int64_t start_dim_, end_dim_;
};

}  // namespace cuttle
