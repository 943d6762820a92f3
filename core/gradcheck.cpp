#include "gradcheck.h"

#include <cmath>
#include <iomanip>
#include <sstream>

#include "autograd/backward.h"
#include "autograd/grad_mode.h"
#include "creation.h"
#include "ops/arithmetic.h"

namespace cuttle {
namespace {

struct Mismatch {
  size_t input = 0;
  int64_t element = 0;
  double numerical = 0, analytical = 0;
  double excess = 0;  // |a − n| over what is allowed
};

void check_inputs(const std::vector<Tensor>& inputs) {
  bool any = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].requires_grad()) continue;
    any = true;
    if (inputs[i].dtype() != float64)
      fail("gradcheck: input ", i, " is ", inputs[i].dtype(),
           ", too coarse for finite differences; use float64");
  }
  if (!any) fail("gradcheck: no input requires a gradient; call requires_grad_() on one");
}

// Σ weight · f(inputs): one number whose gradient involves every output.
double weighted_output(const TensorFunction& function, const std::vector<Tensor>& inputs,
                       const std::vector<double>& weights) {
  const NoGradGuard no_grad;
  const std::vector<double> outputs = function(inputs).to_vector<double>();
  double total = 0;
  for (size_t i = 0; i < outputs.size(); ++i) total += weights[i] * outputs[i];
  return total;
}

// The inputs with one element moved by `delta`.
std::vector<Tensor> moved(const std::vector<Tensor>& inputs, size_t input, int64_t element,
                          double delta) {
  const NoGradGuard no_grad;
  std::vector<Tensor> copies = inputs;
  Tensor copy = inputs[input].detach().contiguous().clone();
  Tensor place = copy.view({copy.numel()}).narrow(0, element, 1);
  place.add_(delta);
  copies[input] = copy.requires_grad_();  // as the input does: a layer takes it for its parameter
  return copies;
}

std::string describe(const Mismatch& worst, const Tensor& input, const GradcheckOptions& options) {
  Shape place;
  int64_t rest = worst.element;
  for (int d = input.dim() - 1; d >= 0; --d) {
    place.insert(0, rest % input.shape()[d]);
    rest /= input.shape()[d];
  }
  std::ostringstream text;
  text << std::setprecision(10) << "gradcheck: worst at element " << place << " of input "
       << worst.input << " (shape " << input.shape() << "): numerical " << worst.numerical
       << ", analytical " << worst.analytical << ", with step " << options.step << " (allowed "
       << options.atol << " + " << options.rtol << " * |numerical|)";
  return text.str();
}

}  // namespace

GradcheckResult gradcheck(const TensorFunction& function, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options) {
  check_inputs(inputs);
  const Tensor output = function(inputs);
  Generator generator(1);
  std::vector<double> weights(static_cast<size_t>(output.numel()));
  generator.uniform(std::span(weights), 0.5, 1.5);
  const Tensor gradient =
      tensor(weights, output.shape(), {.dtype = output.dtype(), .device = output.device()});

  std::vector<Tensor> variables;
  for (const Tensor& input : inputs)
    if (input.requires_grad()) variables.push_back(input);
  const std::vector<Tensor> analytical = grad(output, variables, gradient);

  Mismatch worst;
  for (size_t i = 0, v = 0; i < inputs.size(); ++i) {
    if (!inputs[i].requires_grad()) continue;
    const Tensor& found = analytical[v++];
    const std::vector<double> values =
        found.defined() ? found.to_vector<double>()
                        : std::vector<double>(static_cast<size_t>(inputs[i].numel()), 0.0);
    for (int64_t element = 0; element < inputs[i].numel(); ++element) {
      const double up = weighted_output(function, moved(inputs, i, element, options.step), weights);
      const double down =
          weighted_output(function, moved(inputs, i, element, -options.step), weights);
      const double numerical = (up - down) / (2 * options.step);
      const double value = values[static_cast<size_t>(element)];
      const double allowed = options.atol + options.rtol * std::abs(numerical);
      const double difference = std::abs(value - numerical);
      const double excess = std::isfinite(difference) ? difference / allowed : INFINITY;
      if (excess > worst.excess) worst = {i, element, numerical, value, excess};
    }
  }
  if (worst.excess <= 1) return {true, ""};
  return {false, describe(worst, inputs[worst.input], options)};
}

}  // namespace cuttle
