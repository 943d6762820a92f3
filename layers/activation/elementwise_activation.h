// The base of activations that are a row of the elementwise table.
#pragma once

#include <string>
#include <vector>

#include "../../core/scalar.h"
#include "../module.h"

namespace cuttle {

struct ActivationOptions {
  bool inplace = false;  // write the result into the input, which the caller then must not need
};

/// One kernel in each direction. Input of any shape, output of the same.
class ElementwiseActivation : public Module {
 public:
  Tensor forward(const Tensor& input) override;
  std::string extra_repr() const override;

 protected:
  /// `printed` is what extra_repr() says of the parameters.
  ElementwiseActivation(kernels::Elementwise row, std::vector<Scalar> parameters = {},
                        std::string printed = "", const ActivationOptions& options = {})
      : row_(row),
        parameters_(std::move(parameters)),
        printed_(std::move(printed)),
        options_(options) {}

 private:
  kernels::Elementwise row_;
  std::vector<Scalar> parameters_;
  std::string printed_;
  ActivationOptions options_;
};

}  // namespace cuttle
