// Lookahead: the slow weights and their state.
#include "lookahead.h"

#include "../core/autograd/grad_mode.h"
#include "../core/creation.h"
#include "../core/cuda_graph.h"
#include "../core/text.h"

namespace cuttle {
namespace {

const std::string kInside = "optimizer.";

std::string slow_key(size_t index) {
  return "slow." + std::to_string(index);
}

}  // namespace

Lookahead::Lookahead(Optimizer& optimizer, const LookaheadOptions& options)
    : optimizer_(optimizer), options_(options) {
  if (options.k < 1) fail("Lookahead: k must be 1 or more, got ", options.k);
  if (!(options.alpha > 0 && options.alpha <= 1))
    fail("Lookahead: alpha must be above 0 and at most 1, got ", options.alpha);
  for (size_t group = 0; group < optimizer.group_count(); ++group)
    for (const Tensor& param : optimizer.parameters(group)) {
      parameters_.push_back(param);
      slow_.push_back(param.detach().clone());
    }
}

void Lookahead::step() {
  if (cuda::is_capturing())
    fail("Lookahead: its step cannot be captured into a CUDA graph, which cannot count to k; ",
         "capture the step of the optimizer inside it, or take Lookahead's outside of the graph");
  optimizer_.step();
  if (++step_ % options_.k != 0) return;
  const NoGradGuard no_grad;
  for (size_t p = 0; p < slow_.size(); ++p) {
    Tensor& param = parameters_[p];
    Tensor& slow = slow_[p];
    slow = slow.to(param.device(), param.dtype());  // follows a parameter that has moved
    slow.lerp_(param, options_.alpha);
    param.copy_(slow);
  }
}

StateDict Lookahead::state_dict() const {
  StateDict state;
  for (const auto& [name, value] : optimizer_.state_dict()) state.insert(kInside + name, value);
  state.insert("step", full({}, step_, {.dtype = int64}));
  for (size_t p = 0; p < slow_.size(); ++p) state.insert(slow_key(p), slow_[p]);
  return state;
}

void Lookahead::load_state_dict(const StateDict& state) {
  StateDict inside;
  size_t own = 0;
  for (const auto& [name, value] : state)
    if (name.starts_with(kInside))
      inside.insert(name.substr(kInside.size()), value);
    else
      ++own;
  std::vector<Tensor> slow;
  for (size_t p = 0; p < slow_.size(); ++p) {
    const Tensor& given = state.at(slow_key(p));
    const Tensor& param = parameters_[p];
    if (given.shape() != param.shape())
      fail("Lookahead: the state's ", in_quotes(slow_key(p)), " has shape ", given.shape(),
           ", the parameter has shape ", param.shape(), "; nothing was changed");
    slow.push_back(given.detach().to(param.device(), param.dtype()).clone());
  }
  const auto step = static_cast<int64_t>(state.at("step").item());
  if (own != slow_.size() + 1)
    fail("Lookahead: the state has the slow weights of ", own - 1,
         " parameters, this optimizer has ", slow_.size(), "; nothing was changed");
  optimizer_.load_state_dict(inside);
  slow_ = std::move(slow);
  step_ = step;
}

}  // namespace cuttle
