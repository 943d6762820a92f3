#include "run_state.h"

#include <algorithm>
#include <cmath>

using namespace cuttle;

namespace {

// Puts "model." before "conv1.weight", and takes it away again.
void add(StateDict& all, const std::string& prefix, const StateDict& part) {
  for (const auto& [name, tensor] : part) all.insert(prefix + name, tensor);
}

StateDict part_of(const StateDict& all, const std::string& prefix) {
  StateDict part;
  for (const auto& [name, tensor] : all) {
    if (name.starts_with(prefix)) part.insert(name.substr(prefix.size()), tensor);
  }
  return part;
}

}  // namespace

double History::best(const std::string& curve) const {
  double most = -HUGE_VAL;
  const auto found = curves_.find(curve);
  if (found == curves_.end()) return most;
  for (const double number : found->second) most = std::max(most, number);
  return most;
}

StateDict History::state_dict() const {
  StateDict state;
  for (const auto& [name, numbers] : curves_) state.insert(name, tensor(numbers));
  return state;
}

void History::load_state_dict(const StateDict& state) {
  curves_.clear();
  for (const auto& [name, numbers] : state) curves_[name] = numbers.to_vector<double>();
}

void RunState::save(const std::filesystem::path& path) const {
  StateDict all;
  add(all, "model.", model.state_dict());
  add(all, "optimizer.", optimizer.state_dict());
  add(all, "scheduler.", scheduler.state_dict());
  add(all, "history.", history.state_dict());
  cuttle::save(all, path);
}

void RunState::load(const std::filesystem::path& path) {
  const StateDict all = cuttle::load(path);
  model.load_state_dict(part_of(all, "model."));
  optimizer.load_state_dict(part_of(all, "optimizer."));
  scheduler.load_state_dict(part_of(all, "scheduler."));
  history.load_state_dict(part_of(all, "history."));
}
