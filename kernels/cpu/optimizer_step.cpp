// The steps of all optimizers on the CPU: the parameters in one pass over their elements, a loop
// for each rule and each choice of states.
#include "../optimizer_step.h"

#include <algorithm>
#include <array>
#include <vector>

#include "../optimizer_rules.h"
#include "parallel.h"
#include "vector_level.h"

namespace cuttle::kernels {
namespace {

/// Elements [begin, end) of a parameter that keeps the states in `kUsed`, a bit each.
template <class Rule, unsigned kUsed, class T>
void update_elements(const typename Rule::template Terms<T>& given, const StepParameter<T>& p,
                     int64_t begin, int64_t end) {
  // Copies that the compiler knows nobody writes to.
  cpu::vectorised([by = given, value = p.value, gradient = p.gradient, begin, end,
                   states = std::array<T*, kMostStates>{p.state[0], p.state[1], p.state[2]}] {
    cpu::each_lane(end - begin, [=](int64_t lane) {
      const int64_t i = begin + lane;
      T state[Rule::kStates] = {};
      for (int k = 0; k < Rule::kStates; ++k)
        if (kUsed >> k & 1) state[k] = states[static_cast<size_t>(k)][i];
      Rule::update(by, gradient[i], value[i], state);
      for (int k = 0; k < Rule::kStates; ++k)
        if (kUsed >> k & 1) states[static_cast<size_t>(k)][i] = state[k];
    });
  });
}

template <class Rule, class T>
void update(const typename Rule::template Terms<T>& terms, const StepParameter<T>& p, int64_t begin,
            int64_t end) {
  constexpr unsigned kStates = 1u << Rule::kStates, kAlways = (kStates - 1) & ~Rule::kOptional;
  unsigned used = kAlways;
  for (int k = 0; k < Rule::kStates; ++k) {
    if (p.state[k] == nullptr) continue;
    used |= 1u << k;
    if (p.steps == nullptr || *p.steps == 0) std::fill(p.state[k] + begin, p.state[k] + end, T(0));
  }
  [&]<unsigned... kUsed>(std::integer_sequence<unsigned, kUsed...>) {
    const auto update_with = [&]<unsigned kThese>() {
      if constexpr ((kThese & kAlways) == kAlways)
        if (used == kThese) update_elements<Rule, kThese>(terms, p, begin, end);
    };
    (update_with.template operator()<kUsed>(), ...);
  }
  (std::make_integer_sequence<unsigned, kStates>());
}

}  // namespace

template <class Rule, class T>
void optimizer_step(cpu::Stream, StepSettings<Rule>* settings,
                    std::span<const StepParameter<T>> parameters) {
  if (parameters.empty() || (settings->skip != nullptr && *settings->skip != 0)) return;
  const auto& options = settings->options;
  const auto value_or = [](const double* at, double other) { return at ? *at : other; };
  std::vector<typename Rule::template Terms<T>> terms;
  int64_t total = 0;
  for (const StepParameter<T>& p : parameters) {
    terms.push_back(
        Rule::template terms<T>(options, value_or(p.steps, 0) + 1, value_or(p.product, 1)));
    total += p.numel;
  }
  cpu::parallel_for(total, cpu::kGrain, [&](int64_t begin, int64_t end) {
    int64_t first = 0;  // where the parameter starts in the row of all elements
    for (size_t n = 0; n < parameters.size(); ++n) {
      const StepParameter<T>& p = parameters[n];
      const int64_t from = std::max(begin - first, int64_t{0});
      const int64_t to = std::min(end - first, p.numel);
      if (from < to) update<Rule>(terms[n], p, from, to);
      first += p.numel;
    }
  });
  if (!Rule::counts(options)) return;
  for (const StepParameter<T>& p : parameters) {
    *p.steps += 1;
    if (p.product) *p.product = Rule::next_product(options, *p.steps, *p.product);
  }
}

#define CUTTLE_INSTANTIATE(Rule)                                                    \
  template void optimizer_step<Rule, float>(cpu::Stream, StepSettings<Rule>*,       \
                                            std::span<const StepParameter<float>>); \
  template void optimizer_step<Rule, double>(cpu::Stream, StepSettings<Rule>*,      \
                                             std::span<const StepParameter<double>>);
CUTTLE_OPTIMIZER_RULES(CUTTLE_INSTANTIATE)

}  // namespace cuttle::kernels
