#include "history.h"

#include <algorithm>
#include <cmath>

using namespace cuttle;

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
