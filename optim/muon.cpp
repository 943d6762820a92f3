// Checks parameters and gathers those that have a gradient by device, dtype and shape.
#include "muon.h"

#include <algorithm>

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/cuda_graph.h"
#include "option_checks.h"

namespace cuttle {
namespace {

void check_matrices(const Muon::ParamGroup& group) {
  for (size_t i = 0; i < group.params.size(); ++i)
    if (const Tensor& param = group.params[i]; param.defined() && param.dim() < 2)
      fail("Muon: parameter ", i, " of a group has shape ", param.shape(),
           ", expected a matrix, or filters (out, …); give vectors and numbers to another ",
           "optimizer, such as AdamW or SGD");
}

const std::vector<Muon::ParamGroup>& checked(const std::vector<Muon::ParamGroup>& groups) {
  std::for_each(groups.begin(), groups.end(), check_matrices);
  return groups;
}

}  // namespace

Muon::Muon(const std::vector<ParamGroup>& groups)
    : OptionGroups(checked(groups), {{.name = "momentum_buffer"}}) {}

void Muon::add_param_group(const ParamGroup& group) {
  check_matrices(group);
  OptionGroups::add_param_group(group);
}

Tensor Muon::momentum_for(size_t index) {
  const Tensor& param = parameter(index);
  const auto fits = [&](const Tensor& state) {
    return state.defined() && state.device() == param.device() && state.dtype() == param.dtype();
  };
  const Tensor& kept = (*states(0))[index];
  if (fits(kept)) return kept;
  if (!cuda::is_capturing()) return empty_like(param);
  const cuda::OrdinaryMemoryGuard guard;  // it lives from replay to replay
  captured_.resize(std::max(captured_.size(), index + 1));
  if (!fits(captured_[index])) captured_[index] = empty_like(param);
  return captured_[index];
}

void Muon::gather(size_t group, Batches& batches) {
  for (size_t index = group_begin(group); index < group_end(group); ++index) {
    const Tensor& param = parameter(index);
    const Tensor gradient = param.grad();
    if (!gradient.defined()) continue;
    check_gradient(name(), index, param, gradient);
    const auto takes = [&](const MuonBatch& batch) { return batch.takes(param); };
    auto batch = std::find_if(batches.begin(), batches.end(), takes);
    if (batch == batches.end()) batch = batches.emplace(batches.end(), param);
    batch->add({index, param, param.raw_data(), gradient, momentum_for(index)});
  }
}

void Muon::step_unless(const Tensor& skip) {
  const NoGradGuard no_grad;
  check_all_options();
  batches_.resize(group_count());
  for (size_t g = 0; g < batches_.size(); ++g) {
    if (cuda::is_capturing()) {
      capture(g, skip);
      continue;
    }
    for (MuonBatch& batch : batches_[g]) batch.clear();  // a step that threw left some
    gather(g, batches_[g]);
    for (MuonBatch& batch : batches_[g]) {
      if (batch.updates().empty()) continue;
      batch.prepare(options(g), *states(0));
      batch.run(options(g), skip);
      batch.clear();
    }
  }
}

void Muon::capture(size_t group, const Tensor& skip) {
  Batches batches;
  gather(group, batches);
  for (MuonBatch& each : batches) {
    check_capturable(name(), each.updates().front().parameter);
    each.run(options(group), skip);
    cuda::before_replay([batch = std::make_shared<MuonBatch>(std::move(each)),
                         options = shared_options(group), captured = options(group),
                         kept = states(0)] {
      const NoGradGuard no_grad;
      check_options<MuonRule>(*options);
      check_followed(captured, *options);
      batch->prepare(*options, *kept);
    });
  }
}

}  // namespace cuttle
