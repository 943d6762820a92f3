// Summary: hooks on every module note what passes, and are taken off again.
#include "summary.h"

#include <algorithm>
#include <map>
#include <ostream>

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "watched_modules.h"

namespace cuttle {
namespace {

// Parameters that the module itself registered: their paths have no dot.
std::vector<Tensor> own_parameters(const Module& module) {
  std::vector<Tensor> own;
  for (const auto& [name, parameter] : module.named_parameters())
    if (name.find('.') == std::string::npos) own.push_back(parameter);
  return own;
}

// A weight (O, …) takes part once for each element of an output channel; that of a transposed
// convolution, (I, …), of an input channel. Tables are looked up and not multiplied with.
int64_t multiply_adds_of(const Module& module, const std::vector<Tensor>& parameters,
                         const Tensor& input, const Tensor& output) {
  const std::string type = module.type_name();
  if (type.starts_with("Embedding")) return 0;
  const Tensor& side = type.starts_with("ConvTranspose") ? input : output;
  int64_t count = 0;
  for (const Tensor& parameter : parameters)
    if (side.defined() && parameter.dim() >= 2 && parameter.size(0) > 0)
      count += parameter.numel() * (side.numel() / parameter.size(0));
  return count;
}

std::string with_commas(int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<int64_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

std::string line(const std::vector<std::string>& cells, const std::vector<size_t>& widths) {
  std::string text;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string space(widths[i] - cells[i].size(), ' ');
    text += i < 2 ? cells[i] + space + "  " : space + cells[i] + (i + 1 < cells.size() ? "  " : "");
  }
  return text + "\n";
}

}  // namespace

std::string ModelSummary::str() const {
  std::vector<std::vector<std::string>> lines = {
      {"Layer (type)", "Output shape", "Parameters", "Multiply-adds"}};
  for (const SummaryRow& row : rows) {
    const std::string name = row.path.empty() ? row.type : row.path + " (" + row.type + ")";
    lines.push_back({std::string(2 * static_cast<size_t>(row.depth), ' ') + name,
                     row.output_shape.str(), with_commas(row.parameters),
                     with_commas(row.multiply_adds)});
  }
  std::vector<size_t> widths(4);
  for (const auto& cells : lines)
    for (size_t i = 0; i < 4; ++i) widths[i] = std::max(widths[i], cells[i].size());
  const std::string rule(widths[0] + widths[1] + widths[2] + widths[3] + 6, '-');
  std::string text = line(lines[0], widths) + rule + "\n";
  for (size_t i = 1; i < lines.size(); ++i) text += line(lines[i], widths);
  return text + rule + "\nParameters: " + with_commas(parameters) + ", of which " +
         with_commas(trainable_parameters) +
         " are trained\nMultiply-adds: " + with_commas(multiply_adds) + "\n";
}

std::ostream& operator<<(std::ostream& out, const ModelSummary& summary) {
  return out << summary.str();
}

ModelSummary summary(Module& model, const Tensor& input) {
  ModelSummary found;
  std::vector<size_t> open;  // rows of the modules that are being called
  const NoGradGuard no_grad;
  Watched watched(model);
  for (const auto& [path, module] : model.named_modules()) {
    watched.handles.push_back(module->register_forward_pre_hook(
        [&found, &open, path = path](Module& called, const std::vector<Tensor>&) {
          SummaryRow row;
          row.path = path;
          row.type = called.type_name();
          row.depth = static_cast<int>(open.size());
          open.push_back(found.rows.size());
          found.rows.push_back(std::move(row));
        }));
    watched.handles.push_back(module->register_forward_hook(
        [&found, &open](Module& called, const std::vector<Tensor>& inputs, const Tensor& output) {
          SummaryRow& row = found.rows[open.back()];
          open.pop_back();
          const std::vector<Tensor> own = own_parameters(called);
          if (output.defined()) row.output_shape = output.shape();
          for (const Tensor& parameter : own) row.parameters += parameter.numel();
          row.multiply_adds = multiply_adds_of(called, own, inputs[0], output);
          found.multiply_adds += row.multiply_adds;
        }));
  }
  (void)model(input);
  for (const Tensor& parameter : model.parameters()) {
    found.parameters += parameter.numel();
    if (parameter.requires_grad()) found.trainable_parameters += parameter.numel();
  }
  return found;
}

ModelSummary summary(Module& model, const Shape& input_shape) {
  const std::vector<Tensor> parameters = model.parameters();
  if (parameters.empty()) return summary(model, zeros(input_shape));
  return summary(model, zeros(input_shape,
                              {.dtype = parameters[0].dtype(), .device = parameters[0].device()}));
}

}  // namespace cuttle
