#include "function.h"

#include <algorithm>

#include "../creation.h"
#include "../tensor_impl.h"
#include "joint.h"

namespace cuttle {
namespace {

bool contains(const std::vector<Tensor>& tensors, const Tensor& tensor) {
  return std::any_of(tensors.begin(), tensors.end(),
                     [&](const Tensor& one) { return one.defined() && one.is_same(tensor); });
}

}  // namespace

std::vector<Tensor> FunctionContext::get_saved_variables() const {
  std::vector<Tensor> tensors;
  for (const Saved& saved : saved_) {
    Tensor tensor = saved.tensor.get();
    // One of several results: its gradient goes through its own node, not the operation's.
    if (saved.output >= 0 && tensor.requires_grad())
      if (const auto joint = joint_.lock()) {
        const Output& output = outputs_[static_cast<size_t>(saved.output)];
        const std::shared_ptr<Node> node = output.node.lock();
        tensor.impl().node =
            node ? node : result_node(joint, saved.output, output.shape, output.dtype);
      }
    tensors.push_back(tensor);
  }
  return tensors;
}

FunctionCall::FunctionCall(std::string_view name, std::vector<Tensor> inputs)
    : name_(name), inputs_(std::move(inputs)) {
  check_not_stale(name_, inputs_);
  for (const Tensor& input : inputs_) context_->needed_.push_back(needs_recording({input}));
}

void FunctionCall::check_marks(const std::vector<Tensor>& outputs) const {
  for (const Tensor& dirty : context_->dirty_) {
    if (!contains(inputs_, dirty))
      fail(name_, ": mark_dirty was given a tensor of shape ", dirty.shape(),
           " that is no input of this function");
    if (!contains(outputs, dirty))
      fail(name_, ": an input of shape ", dirty.shape(),
           " that was marked dirty is not among the results; return it from forward");
    check_in_place(name_, dirty, inputs_);
  }
  for (const Tensor& constant : context_->constants_)
    if (!contains(outputs, constant))
      fail(name_, ": mark_non_differentiable was given a tensor of shape ", constant.shape(),
           " that is not among the results");
}

// Forward may return an input, one tensor twice, or a tensor with a history. A dirty input gets its
// new place on the tape later.
std::vector<FunctionCall::Result> FunctionCall::own_results(
    const std::vector<Tensor>& outputs) const {
  const NoGradGuard no_grad;
  std::vector<Result> results;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& output = outputs[i];
    const auto before = outputs.begin() + static_cast<std::ptrdiff_t>(i);
    const bool twice = contains({outputs.begin(), before}, output);
    const bool dirty = contains(context_->dirty_, output) && !twice;
    const bool foreign = twice || contains(inputs_, output) || output.requires_grad();
    results.push_back(
        {dirty     ? output.detach()
         : foreign ? output.view(output.shape())
                   : output,
         dirty, is_floating_point(output.dtype()) && !contains(context_->constants_, output)});
  }
  return results;
}

void FunctionCall::save_all(const std::vector<Tensor>& outputs) {
  for (const Tensor& tensor : std::exchange(context_->to_save_, {})) {
    const auto place = std::find_if(outputs.begin(), outputs.end(), [&](const Tensor& output) {
      return tensor.defined() && output.is_same(tensor) && output.requires_grad();
    });
    if (place == outputs.end())
      context_->saved_.push_back({save(tensor)});
    else
      context_->saved_.push_back({save_output(tensor), static_cast<int>(place - outputs.begin())});
  }
  settle_saved_tensors(name_);
}

// One differentiable result needs no more than an ordinary node.
void FunctionCall::put_results_on_tape(std::vector<Result>& results, Backward backward,
                                       bool once_differentiable) {
  const auto run = [context = context_, backward, name = name_, once_differentiable](
                       std::vector<Tensor> gradients, const NeededInputs& needed) {
    for (size_t i = 0; i < gradients.size() && context->materialize_; ++i)
      if (const auto& output = context->outputs_[i]; !gradients[i].defined())
        gradients[i] = zeros(output.shape, {.dtype = output.dtype, .device = output.device});
    const GradMode mode(is_grad_enabled() && !once_differentiable);
    std::vector<Tensor> given = backward(context.get(), std::move(gradients));
    if (given.size() != needed.size())
      fail("backward of '", name, "' gave ", given.size(), " gradients, and its forward took ",
           needed.size(), " arguments; give an undefined Tensor() for what has no gradient");
    return given;
  };
  std::vector<Tensor> on_tape;
  size_t count = 0, last = 0;
  for (size_t i = 0; i < results.size(); ++i) {
    on_tape.push_back(results[i].differentiable ? results[i].own : Tensor());
    if (results[i].differentiable) last = i, ++count;
  }
  if (count == 1) {
    put_on_tape(
        name_, on_tape[last], inputs_,
        [run, last, all = results.size()](const Tensor& gradient, const NeededInputs& needed) {
          std::vector<Tensor> gradients(all);
          gradients[last] = gradient;
          return run(std::move(gradients), needed);
        },
        Saves::tensors);
    if (once_differentiable) on_tape[last].impl().node->set_once_differentiable();
  } else if (count > 1) {
    const auto joint = record_joint(name_, on_tape, inputs_, run);
    if (once_differentiable) joint->set_once_differentiable();
    context_->joint_ = joint;
    for (size_t i = 0; i < results.size(); ++i)
      if (results[i].differentiable) context_->outputs_[i].node = results[i].own.impl().node;
  }
}

std::vector<Tensor> FunctionCall::finish(std::vector<Tensor> outputs, Backward backward,
                                         bool once_differentiable) {
  for (const Tensor& output : outputs)
    if (!output.defined()) fail(name_, ": forward returned an undefined tensor");
  check_marks(outputs);
  std::vector<Result> results;
  if (needs_recording(inputs_)) results = own_results(outputs);
  // The context must not hold results, which hold it through their nodes.
  context_->constants_.clear();
  const std::vector<Tensor> dirty = std::exchange(context_->dirty_, {});
  if (results.empty()) {
    for (const Tensor& written : dirty) written.impl().storage->bump_version();
    return outputs;
  }
  for (const Result& result : results)
    context_->outputs_.push_back({result.own.shape(), result.own.dtype(), result.own.device(), {}});
  put_results_on_tape(results, backward, once_differentiable);
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results[i].dirty) {
      outputs[i] = results[i].own;
      continue;
    }
    record_in_place(
        name_, outputs[i], {results[i].own},
        [](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
          return {gradient};
        },
        Saves::nothing);
  }
  save_all(outputs);
  return outputs;
}

}  // namespace cuttle
