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

using Tensors = std::vector<Tensor>;
using Numbers = std::vector<double>;

// What is checked, and what a message calls its inputs and outputs.
struct Subject {
  std::string_view op;
  const TensorsFunction& function;
  const Tensors& inputs;
  std::function<std::string(size_t)> input_name, output_name;
};

struct Mismatch {
  size_t input = 0, output = 0;
  int64_t element = 0;
  double numerical = 0, analytical = 0;
  double excess = 0;  // |a − n| over what is allowed
};

// One output, and the weights that make one number of its elements.
struct Weighted {
  size_t output;
  Numbers weights;
  Tensors gradients;  // of that number, for each input; undefined: 0
};

bool is_variable(const Tensor& tensor) {
  return tensor.defined() && tensor.requires_grad();
}

// Their places in a list.
std::vector<size_t> places_of_variables(const Tensors& tensors) {
  std::vector<size_t> places;
  for (size_t i = 0; i < tensors.size(); ++i)
    if (is_variable(tensors[i])) places.push_back(i);
  return places;
}

Tensors variables_among(const Tensors& tensors) {
  Tensors variables;
  for (const size_t i : places_of_variables(tensors)) variables.push_back(tensors[i]);
  return variables;
}

void check_inputs(std::string_view op, const Tensors& inputs) {
  const std::vector<size_t> variables = places_of_variables(inputs);
  for (const size_t i : variables)
    if (inputs[i].dtype() != float64)
      fail(op, ": input ", i, " is ", inputs[i].dtype(),
           ", too coarse for finite differences; use float64");
  if (variables.empty()) fail(op, ": no input requires a gradient; call requires_grad_() on one");
}

// The outputs that require a gradient; where none does, all that could have one.
std::vector<size_t> checked_outputs(std::string_view op, const Tensors& outputs) {
  const std::vector<size_t> differentiable = places_of_variables(outputs);
  if (!differentiable.empty()) return differentiable;
  std::vector<size_t> floating;
  for (size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].defined() && is_floating_point(outputs[i].dtype())) floating.push_back(i);
  if (floating.empty()) fail(op, ": the function gives no floating-point tensor");
  return floating;
}

std::vector<Weighted> analytical_gradients(const Subject& subject) {
  const Tensors outputs = subject.function(subject.inputs);
  const Tensors variables = variables_among(subject.inputs);
  Generator generator(1);
  std::vector<Weighted> all;
  for (const size_t i : checked_outputs(subject.op, outputs)) {
    const Tensor& output = outputs[i];
    Weighted one{i, Numbers(static_cast<size_t>(output.numel())), Tensors(subject.inputs.size())};
    generator.uniform(std::span(one.weights), 0.5, 1.5);
    Tensors found(variables.size());
    if (output.requires_grad())
      found = grad(
          output, variables,
          tensor(one.weights, output.shape(), {.dtype = output.dtype(), .device = output.device()}),
          {.retain_graph = true, .allow_unused = true});
    for (size_t input = 0, v = 0; input < subject.inputs.size(); ++input)
      if (is_variable(subject.inputs[input])) one.gradients[input] = found[v++];
    all.push_back(std::move(one));
  }
  return all;
}

// Σ weight · output for each checked output: numbers whose gradients involve every element.
Numbers weighted_outputs(const Subject& subject, const Tensors& inputs,
                         const std::vector<Weighted>& checked) {
  const NoGradGuard no_grad;
  const Tensors outputs = subject.function(inputs);
  Numbers totals;
  for (const Weighted& one : checked) {
    const Numbers values = outputs[one.output].to_vector<double>();
    double total = 0;
    for (size_t i = 0; i < values.size(); ++i) total += one.weights[i] * values[i];
    totals.push_back(total);
  }
  return totals;
}

// The inputs with one element moved by `delta`.
Tensors moved(const Tensors& inputs, size_t input, int64_t element, double delta) {
  const NoGradGuard no_grad;
  Tensors copies = inputs;
  Tensor copy = inputs[input].detach().contiguous().clone();
  Tensor place = copy.view({copy.numel()}).narrow(0, element, 1);
  place.add_(delta);
  copies[input] = copy.requires_grad_();  // as the input does: a layer takes it for its parameter
  return copies;
}

std::string describe(const Subject& subject, const Mismatch& worst,
                     const GradcheckOptions& options) {
  const Tensor& input = subject.inputs[worst.input];
  Shape place;
  int64_t rest = worst.element;
  for (int d = input.dim() - 1; d >= 0; --d) {
    place.insert(0, rest % input.shape()[d]);
    rest /= input.shape()[d];
  }
  std::ostringstream text;
  text << std::setprecision(10) << subject.op << ": worst at element " << place << " of "
       << subject.input_name(worst.input) << " (shape " << input.shape() << "), for "
       << subject.output_name(worst.output) << ": numerical " << worst.numerical << ", analytical "
       << worst.analytical << ", with step " << options.step << " (allowed " << options.atol
       << " + " << options.rtol << " * |numerical|)";
  return text.str();
}

GradcheckResult check(const Subject& subject, const GradcheckOptions& options) {
  const std::vector<Weighted> checked = analytical_gradients(subject);
  Mismatch worst;
  for (size_t i = 0; i < subject.inputs.size(); ++i) {
    const Tensor& input = subject.inputs[i];
    if (!is_variable(input)) continue;
    std::vector<Numbers> analytical;
    for (const Weighted& one : checked)
      analytical.push_back(one.gradients[i].defined()
                               ? one.gradients[i].to_vector<double>()
                               : Numbers(static_cast<size_t>(input.numel()), 0.0));
    for (int64_t element = 0; element < input.numel(); ++element) {
      const auto at = [&](double delta) {
        return weighted_outputs(subject, moved(subject.inputs, i, element, delta), checked);
      };
      const Numbers up = at(options.step), down = at(-options.step);
      for (size_t o = 0; o < checked.size(); ++o) {
        const double numerical = (up[o] - down[o]) / (2 * options.step);
        const double value = analytical[o][static_cast<size_t>(element)];
        const double allowed = options.atol + options.rtol * std::abs(numerical);
        const double difference = std::abs(value - numerical);
        const double excess = std::isfinite(difference) ? difference / allowed : INFINITY;
        if (excess > worst.excess)
          worst = {i, checked[o].output, element, numerical, value, excess};
      }
    }
  }
  if (worst.excess <= 1) return {true, ""};
  return {false, describe(subject, worst, options)};
}

// One for each of the outputs, of random numbers.
Tensors random_gradients(const Tensors& outputs) {
  Generator generator(2);
  Tensors gradients;
  for (const Tensor& output : outputs) {
    Numbers values(static_cast<size_t>(output.numel()));
    generator.uniform(std::span(values), -1, 1);
    gradients.push_back(
        tensor(values, output.shape(), {.dtype = output.dtype(), .device = output.device()})
            .requires_grad_());
  }
  return gradients;
}

// What the backward computes: the inputs' gradients, of the inputs and then the outputs' gradients.
Tensors gradients_of_inputs(const TensorsFunction& function, const Tensors& all, size_t count) {
  const bool recording = is_grad_enabled();
  const GradMode forward_is_recorded(true);
  const auto split = all.begin() + static_cast<std::ptrdiff_t>(count);
  const Tensors inputs(all.begin(), split), gradients(split, all.end());
  const Tensors variables = variables_among(inputs);
  Tensors found = grad(variables_among(function(inputs)), variables, gradients,
                       {.create_graph = recording, .allow_unused = true});
  for (size_t i = 0; i < found.size(); ++i)
    if (!found[i].defined()) found[i] = zeros_like(variables[i]);
  return found;
}

}  // namespace

GradcheckResult gradcheck(const TensorsFunction& function, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options) {
  check_inputs("gradcheck", inputs);
  const auto named = [](const char* what) {
    return [what](size_t i) { return what + std::to_string(i); };
  };
  return check({"gradcheck", function, inputs, named("input "), named("output ")}, options);
}

GradcheckResult gradgradcheck(const TensorsFunction& function, const std::vector<Tensor>& inputs,
                              const GradcheckOptions& options) {
  return gradgradcheck(function, inputs, random_gradients(variables_among(function(inputs))),
                       options);
}

GradcheckResult gradgradcheck(const TensorsFunction& function, const std::vector<Tensor>& inputs,
                              const std::vector<Tensor>& grad_outputs,
                              const GradcheckOptions& options) {
  check_inputs("gradgradcheck", inputs);
  const std::vector<size_t> variables = places_of_variables(inputs);
  const std::vector<size_t> outputs = places_of_variables(function(inputs));
  if (outputs.empty())
    fail("gradgradcheck: no output requires a gradient, so there is no backward to check");
  if (grad_outputs.size() != outputs.size())
    fail("gradgradcheck: expected a gradient for each of the ", outputs.size(),
         " outputs that require one, got ", grad_outputs.size());
  const size_t count = inputs.size();
  const TensorsFunction backward_of = [&](const Tensors& all) {
    return gradients_of_inputs(function, all, count);
  };
  Tensors all = inputs;
  all.insert(all.end(), grad_outputs.begin(), grad_outputs.end());
  const auto input_name = [&](size_t i) {
    return i < count ? "input " + std::to_string(i)
                     : "the gradient of output " + std::to_string(outputs[i - count]);
  };
  const auto output_name = [&](size_t i) {
    return "the gradient of input " + std::to_string(variables[i]);
  };
  return check({"gradgradcheck", backward_of, all, input_name, output_name}, options);
}

}  // namespace cuttle
