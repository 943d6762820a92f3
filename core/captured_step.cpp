#include "captured_step.h"

#include <algorithm>

#include "dispatch.h"
#include "stream_use.h"
#include "tensor_impl.h"

namespace cuttle {
namespace {

// How an input is kept: as it lies, or in row-major order where it has gaps.
Strides kept_strides(const Tensor& input) {
  const bool dense = is_dense_in_some_order(input.shape(), input.strides());
  return dense ? input.strides() : dense_strides(input.shape());
}

bool fits(const Tensor& kept, const Tensor& input) {
  return kept.shape() == input.shape() && kept.dtype() == input.dtype() &&
         kept.strides() == kept_strides(input);
}

void copy_into(std::vector<Tensor>& kept, const std::vector<Tensor>& inputs) {
  for (size_t i = 0; i < kept.size(); ++i) kept[i].copy_(inputs[i]);
}

std::vector<Tensor> on(const Device& device, std::vector<Tensor> inputs) {
  for (Tensor& input : inputs) input = input.to(device);
  return inputs;
}

std::vector<Tensor> without_history(std::vector<Tensor> results) {
  for (Tensor& result : results)
    if (result.defined()) result = result.detach();
  return results;
}

}  // namespace

/// Inputs of one kind, and the step on them.
struct StepGraphs::Kind {
  explicit Kind(int device) : graph(device) {}

  std::vector<Tensor> inputs, results;
  cuda::CUDAGraph graph;
  int runs = 0;
};

StepGraphs::StepGraphs(const CapturedStepOptions& options) : options_(options) {
  if (options.warmup < 1)
    fail("CapturedStep: warmup must be 1 or more, got ", options.warmup,
         "; the first step makes what the captured one needs");
}
StepGraphs::~StepGraphs() = default;

Device StepGraphs::device_of(const std::vector<Tensor>& inputs) const {
  for (const Tensor& input : inputs) {
    check_defined("CapturedStep", input);
    if (input.requires_grad())
      fail(
          "CapturedStep: an input of shape ", input.shape(),
          " requires a gradient, and a step works on copies of its inputs; detach() it, or let the "
          "step use it without being given it");
    if (!options_.device) check_same_device("CapturedStep", {&inputs.front(), &input});
  }
  if (options_.device) return *options_.device;
  return inputs.empty() ? Device() : inputs.front().device();
}

StepGraphs::Kind* StepGraphs::kind_of(const std::vector<Tensor>& inputs, const Device& device) {
  for (Kind& kind : kinds_)
    if (std::equal(kind.inputs.begin(), kind.inputs.end(), inputs.begin(), inputs.end(), fits))
      return &kind;
  if (kinds_.size() >= options_.max_graphs) return nullptr;
  if (!stream_) stream_.emplace(device.index());
  Kind& kind = kinds_.emplace_back(device.index());
  const cuda::StreamGuard guard(*stream_);
  for (const Tensor& input : inputs)
    kind.inputs.push_back(empty_strided(input.shape(), kept_strides(input), input.dtype(), device));
  return &kind;
}

// On the stream that will be captured, so that the kernels' scratch memory there is warm as well.
std::vector<Tensor> StepGraphs::warm_up(Kind& kind, const Step& step) {
  const cuda::Stream caller = cuda::current_stream(stream_->device().index());
  stream_->wait_stream(caller);
  std::vector<Tensor> results;
  try {
    const cuda::StreamGuard guard(*stream_);
    results = step(kind.inputs);
  } catch (...) {
    caller.wait_stream(*stream_);
    throw;
  }
  caller.wait_stream(*stream_);
  ++kind.runs;
  return without_history(std::move(results));
}

void StepGraphs::capture(Kind& kind, const Step& step) {
  const cuda::StreamGuard guard(*stream_);
  cuda::CaptureGuard capturing(kind.graph);
  kind.results = without_history(step(kind.inputs));
  capturing.end();
}

std::vector<Tensor> StepGraphs::run(const std::vector<Tensor>& inputs, const Step& step) {
  const Device device = device_of(inputs);
  if (device.is_cpu()) return without_history(step(on(device, inputs)));
  refuse_while_capturing(device, "CapturedStep",
                         "it is a graph of its own; call it outside of others");
  if (stream_ && stream_->device() != device)
    fail("CapturedStep: its first steps were on ", stream_->device(), ", this one is on ", device,
         "; use another CapturedStep for each device");
  const cuda::Stream caller = cuda::current_stream(device.index());
  if (last_used_) caller.wait_stream(*last_used_);
  last_used_ = caller;
  Kind* const kind = kind_of(inputs, device);
  if (kind == nullptr) return without_history(step(on(device, inputs)));
  copy_into(kind->inputs, inputs);
  if (kind->runs < options_.warmup) return warm_up(*kind, step);
  if (!kind->graph.is_captured()) capture(*kind, step);
  kind->graph.replay();
  return kind->results;
}

}  // namespace cuttle
