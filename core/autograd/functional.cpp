#include "functional.h"

#include "../creation.h"
#include "backward.h"
#include "grad_mode.h"

namespace cuttle {
namespace {

using Tensors = std::vector<Tensor>;

// What all of them are given: a name for errors, the function, where, and how.
struct Request {
  std::string_view op;
  const TensorsFunction& function;
  const FunctionalOptions& options;
};

// The variables of the derivative, and what the function gives for them.
struct Run {
  Tensors inputs, outputs;
};

// A tensor with a place of its own on the tape, so that one that is given twice counts as two. With
// create_graph, one behind the given tensor's, to which derivatives then lead.
Tensor variable(const Tensor& input, bool create_graph) {
  if (create_graph && input.requires_grad()) return input.expand(input.shape());
  return input.detach().requires_grad_();
}

Run run(const Request& request, const Tensors& inputs) {
  Run result;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].defined()) fail(request.op, ": input ", i, " is undefined");
    if (!is_floating_point(inputs[i].dtype()))
      fail(request.op, ": input ", i, " is ", inputs[i].dtype(),
           ", which has no derivatives; convert it with .to(float32) for example");
    result.inputs.push_back(variable(inputs[i], request.options.create_graph));
  }
  result.outputs = request.function(result.inputs);
  for (size_t i = 0; i < result.outputs.size(); ++i)
    if (request.options.strict && !result.outputs[i].requires_grad())
      fail(request.op, ": output ", i, " depends on no input, which strict forbids");
  return result;
}

// The output of a function that must give a single element.
Tensor number(std::string_view op, const Tensors& outputs) {
  if (outputs.size() != 1)
    fail(op, ": the function must give one tensor, of one element, got ", outputs.size());
  if (outputs[0].numel() != 1)
    fail(op, ": the function must give a tensor of one element, got shape ", outputs[0].shape(),
         "; is a .sum() missing?");
  return outputs[0];
}

// v as it is multiplied with: ones where it was left out.
Tensors checked(const Request& request, const Tensors& v, const Tensors& like) {
  const bool single = like.size() == 1 && like[0].numel() == 1;
  if (v.empty() && single) return {ones_like(like[0]).detach()};
  if (v.size() != like.size())
    fail(request.op, ": v needs ", like.size(), like.size() == 1 ? " tensor" : " tensors", ", got ",
         v.size(), v.empty() ? "; it can be left out where there is one element" : "");
  Tensors result;
  for (size_t i = 0; i < v.size(); ++i) {
    if (!v[i].defined()) fail(request.op, ": v[", i, "] is undefined");
    if (v[i].shape() != like[i].shape() || v[i].dtype() != like[i].dtype())
      fail(request.op, ": v[", i, "] must have shape ", like[i].shape(), " and dtype ",
           like[i].dtype(), ", got ", v[i].shape(), " and ", v[i].dtype());
    result.push_back(request.options.create_graph ? v[i] : v[i].detach());
  }
  return result;
}

// Σ weightᵀ · d(output)/d(input), undefined where no output depends on an input. The graph stays.
Tensors gradients(const Tensors& outputs, const Tensors& inputs, const Tensors& weights,
                  bool create_graph) {
  Tensors from, with;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].defined() || !outputs[i].requires_grad()) continue;
    from.push_back(outputs[i]);
    with.push_back(weights[i]);
  }
  if (from.empty()) return Tensors(inputs.size());
  return grad(from, inputs, with,
              {.retain_graph = true, .create_graph = create_graph, .allow_unused = true});
}

// Zeros where nothing depends on one of `like`; an Error with strict.
Tensors complete(const Request& request, Tensors found, const Tensors& like,
                 std::string_view what) {
  for (size_t i = 0; i < found.size(); ++i) {
    if (request.options.strict && !found[i].defined())
      fail(request.op, ": ", what, " ", i, ", which strict forbids");
    if (!found[i].defined()) found[i] = zeros_like(like[i]);
  }
  return found;
}

constexpr std::string_view kNoInput = "no output depends on input";

// Unless they are to be differentiated again, results have no history.
Tensors given_out(const Request& request, const Tensors& tensors) {
  if (request.options.create_graph) return tensors;
  Tensors bare;
  for (const Tensor& tensor : tensors) bare.push_back(tensor.detach());
  return bare;
}

// In whose place a product's own factor is found: what is linear in a dummy has, for its gradient
// with respect to the dummy and weighted by v, what it is multiplied with, times v.
Tensors dummies_like(const Tensors& tensors) {
  Tensors dummies;
  for (const Tensor& tensor : tensors)
    dummies.push_back(zeros_like(tensor.detach()).requires_grad_());
  return dummies;
}

Shape joined(const Shape& a, const Shape& b) {
  Shape shape = a;
  for (const int64_t size : b) shape.push_back(size);
  return shape;
}

std::vector<Tensors> jacobian_of(const Request& request, const Tensors& given) {
  const GradMode recorded(true);
  const Run at = run(request, given);
  std::vector<Tensors> all;
  for (const Tensor& output : at.outputs) {
    std::vector<Tensors> rows(at.inputs.size());  // of each input, one an element of the output
    for (int64_t element = 0; element < output.numel(); ++element) {
      Tensor basis = zeros({output.numel()}, {.dtype = output.dtype(), .device = output.device()});
      basis.narrow(0, element, 1).fill_(1);
      const Tensors row =
          complete(request,
                   gradients({output}, at.inputs, {basis.view(output.shape())},
                             request.options.create_graph),
                   at.inputs, "output " + std::to_string(all.size()) + " does not depend on input");
      for (size_t i = 0; i < row.size(); ++i) rows[i].push_back(row[i]);
    }
    Tensors blocks;
    for (size_t i = 0; i < rows.size(); ++i) {
      const Shape shape = joined(output.shape(), at.inputs[i].shape());
      blocks.push_back(rows[i].empty()
                           ? zeros(shape, {.dtype = output.dtype(), .device = output.device()})
                           : stack(rows[i]).view(shape));
    }
    all.push_back(given_out(request, blocks));
  }
  return all;
}

}  // namespace

std::pair<Tensors, Tensors> vjp(const TensorsFunction& function, const Tensors& inputs,
                                const Tensors& v, const FunctionalOptions& options) {
  const Request request{"vjp", function, options};
  const GradMode recorded(true);
  const Run at = run(request, inputs);
  const Tensors weights = checked(request, v, at.outputs);
  const Tensors product =
      complete(request, gradients(at.outputs, at.inputs, weights, options.create_graph), at.inputs,
               kNoInput);
  return {given_out(request, at.outputs), given_out(request, product)};
}

std::pair<Tensors, Tensors> jvp(const TensorsFunction& function, const Tensors& inputs,
                                const Tensors& v, const FunctionalOptions& options) {
  const Request request{"jvp", function, options};
  const GradMode recorded(true);
  const Run at = run(request, inputs);
  const Tensors direction = checked(request, v, at.inputs);
  const Tensors dummies = dummies_like(at.outputs);
  const Tensors weighted = gradients(at.outputs, at.inputs, dummies, /*create_graph=*/true);
  const Tensors product =
      complete(request, gradients(weighted, dummies, direction, options.create_graph), at.outputs,
               "no input changes output");
  return {given_out(request, at.outputs), given_out(request, product)};
}

std::vector<Tensors> jacobian(const TensorsFunction& function, const Tensors& inputs,
                              const FunctionalOptions& options) {
  return jacobian_of({"jacobian", function, options}, inputs);
}

std::vector<Tensors> hessian(const TensorsFunction& function, const Tensors& inputs,
                             const FunctionalOptions& options) {
  const TensorsFunction gradient = [&](const Tensors& x) {
    const Request request{"hessian", function, options};
    const Tensor y = number(request.op, function(x));
    return complete(request, gradients({y}, x, {Tensor()}, /*create_graph=*/true), x, kNoInput);
  };
  return jacobian_of({"hessian", gradient, options}, inputs);
}

std::pair<Tensor, Tensors> vhp(const TensorsFunction& function, const Tensors& inputs,
                               const Tensors& v, const FunctionalOptions& options) {
  const Request request{"vhp", function, options};
  const GradMode recorded(true);
  const Run at = run(request, inputs);
  const Tensor y = number(request.op, at.outputs);
  const Tensors weights = checked(request, v, at.inputs);
  const Tensors first = complete(
      request, gradients({y}, at.inputs, {Tensor()}, /*create_graph=*/true), at.inputs, kNoInput);
  const Tensors product =
      complete(request, gradients(first, at.inputs, weights, options.create_graph), at.inputs,
               "the gradient does not depend on input");
  return {given_out(request, {y})[0], given_out(request, product)};
}

std::pair<Tensor, Tensors> hvp(const TensorsFunction& function, const Tensors& inputs,
                               const Tensors& v, const FunctionalOptions& options) {
  const Request request{"hvp", function, options};
  const GradMode recorded(true);
  const Run at = run(request, inputs);
  const Tensor y = number(request.op, at.outputs);
  const Tensors direction = checked(request, v, at.inputs);
  const Tensors first = complete(
      request, gradients({y}, at.inputs, {Tensor()}, /*create_graph=*/true), at.inputs, kNoInput);
  const Tensors dummies = dummies_like(first);
  const Tensors weighted = gradients(first, at.inputs, dummies, /*create_graph=*/true);
  const Tensors product =
      complete(request, gradients(weighted, dummies, direction, options.create_graph), at.inputs,
               "the gradient does not depend on input");
  return {given_out(request, {y})[0], given_out(request, product)};
}

// The forms for one tensor are those for a list of one.
namespace {

TensorsFunction of_a_list(const FunctionOfOne& function) {
  return [&function](const Tensors& x) { return function(x[0]); };
}

Tensors list_of(const Tensor& v) {
  return v.defined() ? Tensors{v} : Tensors{};
}

}  // namespace

std::pair<Tensor, Tensor> vjp(const FunctionOfOne& function, const Tensor& input, const Tensor& v,
                              const FunctionalOptions& options) {
  const auto [output, product] = vjp(of_a_list(function), Tensors{input}, list_of(v), options);
  return {output[0], product[0]};
}

std::pair<Tensor, Tensor> jvp(const FunctionOfOne& function, const Tensor& input, const Tensor& v,
                              const FunctionalOptions& options) {
  const auto [output, product] = jvp(of_a_list(function), Tensors{input}, list_of(v), options);
  return {output[0], product[0]};
}

Tensor jacobian(const FunctionOfOne& function, const Tensor& input,
                const FunctionalOptions& options) {
  return jacobian(of_a_list(function), Tensors{input}, options)[0][0];
}

Tensor hessian(const FunctionOfOne& function, const Tensor& input,
               const FunctionalOptions& options) {
  return hessian(of_a_list(function), Tensors{input}, options)[0][0];
}

std::pair<Tensor, Tensor> vhp(const FunctionOfOne& function, const Tensor& input, const Tensor& v,
                              const FunctionalOptions& options) {
  const auto [output, product] = vhp(of_a_list(function), Tensors{input}, list_of(v), options);
  return {output, product[0]};
}

std::pair<Tensor, Tensor> hvp(const FunctionOfOne& function, const Tensor& input, const Tensor& v,
                              const FunctionalOptions& options) {
  const auto [output, product] = hvp(of_a_list(function), Tensors{input}, list_of(v), options);
  return {output, product[0]};
}

}  // namespace cuttle
