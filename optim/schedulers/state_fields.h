// StateFields: what a schedule remembers, listed once for saving it and for loading it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "../../core/state_dict.h"

namespace cuttle {

/// Names and places of numbers: int64 and float64 tensors without dimensions in the state, lists
/// with one.
class StateFields {
 public:
  using Place = std::variant<int64_t*, double*, std::vector<double>*>;

  void add(std::string name, Place place) { fields_.emplace_back(std::move(name), place); }
  /// Those of a part, each behind `prefix`.
  void add(const std::string& prefix, const StateFields& part);

  StateDict save() const;
  /// Throws Error, beginning with `owner`, and has changed nothing, if a name is missing or too
  /// many, or a list has another length.
  void load(const std::string& owner, const StateDict& state) const;

 private:
  std::vector<std::pair<std::string, Place>> fields_;
};

}  // namespace cuttle
