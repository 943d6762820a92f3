#include "recurrent_base.h"

#include <cmath>
#include <sstream>

#include "../../core/creation.h"
#include "../../core/ops/arithmetic.h"
#include "../../core/ops/dropout.h"
#include "../init.h"
#include "../printed_number.h"

namespace cuttle {

RecurrentBase::RecurrentBase(std::string name, CellKind kind, int64_t input_size,
                             int64_t hidden_size, const RecurrentOptions& options)
    : name_(std::move(name)),
      kind_(kind),
      input_size_(input_size),
      hidden_size_(hidden_size),
      options_(options) {
  if (input_size < 1 || hidden_size < 1 || options.num_layers < 1)
    fail(name_, ": input_size, hidden_size and num_layers must be at least 1, got ", input_size,
         ", ", hidden_size, " and ", options.num_layers);
  if (!(options.dropout >= 0 && options.dropout <= 1))
    fail(name_, ": dropout must lie in [0, 1], got ", options.dropout);
  if (options.proj_size != 0 && kind != CellKind::lstm)
    fail(name_, ": LSTM alone has a proj_size, got ", options.proj_size);
  if (options.proj_size < 0 || options.proj_size >= hidden_size)
    fail(name_, ": proj_size must be at least 0 and less than hidden_size, ", hidden_size, ", got ",
         options.proj_size);
  const int64_t rows = kernels::gates_of(kind) * hidden_size;
  for (int64_t layer = 0; layer < options.num_layers; ++layer)
    for (int64_t direction = 0; direction < directions(); ++direction) {
      const int64_t inputs = layer == 0 ? input_size : directions() * width();
      const std::string suffix = "_l" + std::to_string(layer) + (direction == 1 ? "_reverse" : "");
      std::array<Parameter*, 5> all{};
      const auto add = [&](size_t place, const char* kind_of, const Shape& shape) {
        Parameter& parameter = register_parameter(kind_of + suffix, empty(shape));
        all[place] = &parameter;
      };
      add(0, "weight_ih", {rows, inputs});
      add(1, "weight_hh", {rows, width()});
      if (options.bias) {
        add(2, "bias_ih", {rows});
        add(3, "bias_hh", {rows});
      }
      if (options.proj_size > 0) add(4, "weight_hr", {width(), hidden_size});
      parameters_.push_back(all);
    }
  reset_parameters();
}

void RecurrentBase::reset_parameters() {
  const double bound = 1 / std::sqrt(static_cast<double>(hidden_size_));
  for (const auto& layer : parameters_)
    for (Parameter* const parameter : layer)
      if (parameter != nullptr) init::uniform_(*parameter, -bound, bound);
}

RecurrentWeights RecurrentBase::weights(int64_t layer, bool reverse) const {
  if (layer < 0 || layer >= options_.num_layers || (reverse && !options_.bidirectional))
    fail(name_, ": there is no layer ", layer, reverse ? " of the reverse direction" : "");
  const auto& all = parameters_[static_cast<size_t>(layer * directions() + (reverse ? 1 : 0))];
  const auto at = [&](size_t i) -> Tensor { return all[i] ? Tensor(*all[i]) : Tensor(); };
  return {at(0), at(1), at(2), at(3), at(4)};
}

std::string RecurrentBase::extra_repr() const {
  std::ostringstream text;
  text << input_size_ << ", " << hidden_size_;
  if (options_.proj_size != 0) text << ", proj_size=" << options_.proj_size;
  if (options_.num_layers != 1) text << ", num_layers=" << options_.num_layers;
  if (!options_.bias) text << ", bias=False";
  if (options_.batch_first) text << ", batch_first=True";
  if (options_.dropout != 0) text << ", dropout=" << printed_number(options_.dropout);
  if (options_.bidirectional) text << ", bidirectional=True";
  return text.str();
}

void RecurrentBase::check_state(const char* what, const Tensor& state,
                                const Shape& expected) const {
  if (state.defined() && state.shape() != expected)
    fail(name_, ": expected ", what, " of shape ", expected, ", got ", state.shape());
}

// All layers on packed rows (rows, I); states (directions · num_layers, B, …) or undefined.
RecurrentBase::Result RecurrentBase::run_rows(const Tensor& rows,
                                              const std::vector<int64_t>& batch_sizes,
                                              const RecurrentState& start) const {
  Tensor x = rows;
  std::vector<Tensor> last_h, last_c;
  for (int64_t layer = 0; layer < options_.num_layers; ++layer) {
    std::vector<Tensor> outputs;
    for (int64_t direction = 0; direction < directions(); ++direction) {
      const int64_t place = layer * directions() + direction;
      const auto part = [&](const Tensor& state) {
        return state.defined() ? state.select(0, place) : state;
      };
      const RecurrentResult result =
          recurrent_layer(kind_, x, batch_sizes, direction == 1, {part(start.h), part(start.c)},
                          weights(layer, direction == 1));
      outputs.push_back(result.output);
      last_h.push_back(result.last.h);
      if (result.last.c.defined()) last_c.push_back(result.last.c);
    }
    x = outputs.size() == 1 ? outputs[0] : cat(outputs, 1);
    if (layer + 1 < options_.num_layers) x = dropout(x, options_.dropout, is_training());
  }
  return {x, stack(last_h), last_c.empty() ? Tensor() : stack(last_c)};
}

RecurrentBase::Result RecurrentBase::run(const Tensor& input, const RecurrentState& start) const {
  if (input.dim() != 2 && input.dim() != 3)
    fail(name_, ": expected an input of shape (T, B, I), or (T, I) without a batch, got ",
         input.shape());
  if (input.size(-1) != input_size_)
    fail(name_, ": expected ", input_size_, " input features, got ", input.size(-1), " (input ",
         input.shape(), ")");
  const bool batched = input.dim() == 3, batch_first = batched && options_.batch_first;
  const int64_t states = directions() * options_.num_layers;
  const int64_t batch = batched ? input.size(batch_first ? 0 : 1) : 1;
  const int64_t steps = input.size(batch_first ? 1 : 0);
  if (steps == 0) fail(name_, ": expected at least one time step, got none");
  const auto state = [&](int64_t columns) {
    return batched ? Shape{states, batch, columns} : Shape{states, columns};
  };
  check_state("a hidden state", start.h, state(width()));
  check_state("a cell state", start.c, state(hidden_size_));
  const auto with_batch = [&](const Tensor& x) {
    return x.defined() && !batched ? x.unsqueeze(1) : x;
  };
  const Tensor rows =
      (batch_first ? input.transpose(0, 1) : input).reshape({steps * batch, input_size_});
  Result result = run_rows(rows, std::vector<int64_t>(static_cast<size_t>(steps), batch),
                           {with_batch(start.h), with_batch(start.c)});
  result.output = result.output.view({steps, batch, directions() * width()});
  if (batch_first) result.output = result.output.transpose(0, 1);
  if (batched) return result;
  return {result.output.squeeze(1), result.h.squeeze(1),
          result.c.defined() ? result.c.squeeze(1) : result.c};
}

RecurrentBase::PackedResult RecurrentBase::run(const PackedSequence& input,
                                               const RecurrentState& start) const {
  if (input.data.dim() != 2 || input.data.size(1) != input_size_)
    fail(name_, ": expected packed elements of ", input_size_, " features, got data of shape ",
         input.data.shape());
  if (input.batch_sizes.empty()) fail(name_, ": expected at least one time step, got none");
  const int64_t states = directions() * options_.num_layers, batch = input.batch_sizes.front();
  check_state("a hidden state", start.h, {states, batch, width()});
  check_state("a cell state", start.c, {states, batch, hidden_size_});
  const auto in_order = [](const Tensor& x, const Tensor& order) {
    return x.defined() && order.defined() ? x.index_select(1, order) : x;
  };
  const Result result =
      run_rows(input.data, input.batch_sizes,
               {in_order(start.h, input.sorted_indices), in_order(start.c, input.sorted_indices)});
  PackedSequence output = input;
  output.data = result.output;
  return {output, in_order(result.h, input.unsorted_indices),
          in_order(result.c, input.unsorted_indices)};
}

}  // namespace cuttle
