// StateFields: what a schedule's state_dict holds, listed once for saving it and for loading it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../../core/value.h"

namespace cuttle {

/// How often each epoch is counted.
using EpochCounts = std::map<int64_t, int64_t>;

/// Names, with the places that what they stand for comes from and goes to.
class StateFields {
 public:
  using Save = std::function<Value()>;
  using Load = std::function<void(const Value&)>;

  void add(std::string name, bool* place);
  void add(std::string name, int64_t* place);
  void add(std::string name, double* place);
  /// A list that keeps its length.
  void add(std::string name, std::vector<double>* place);
  void add(std::string name, std::vector<int64_t>* place);
  /// A Counter.
  void add(std::string name, EpochCounts* place);
  /// A text: which of `names` it is, in the enumeration's order.
  template <class E>
  requires std::is_enum_v<E>
  void add(std::string name, E* place, std::vector<std::string> names) {
    add(
        std::move(name), [=] { return Value(names[static_cast<size_t>(*place)]); },
        [=](const Value& value) { *place = static_cast<E>(place_in(names, value)); });
  }
  void add(std::string name, Save save, Load load) {
    fields_.push_back({std::move(name), std::move(save), std::move(load)});
  }
  /// The same, for what a state may lack: then it stays as it is.
  template <class... Arguments>
  void add_optional(Arguments&&... arguments) {
    add(std::forward<Arguments>(arguments)...);
    fields_.back().is_optional = true;
  }
  /// What is only written, for PyTorch looks for it.
  void add_constant(std::string name, Value value) {
    add_optional(
        std::move(name), [=] { return value; }, [](const Value&) {});
  }

  Dict save() const;
  /// Throws Error, beginning with `owner`, if a name is missing or stands for something else, or if
  /// there are others: what had come before it was taken. PyTorch's own, which begin with "_" as a
  /// rule, are passed over.
  void take(const std::string& owner, const Value& state) const;
  /// Takes it and calls `check`; where one of them throws, takes back all of it, and throws Error.
  void load(const std::string& owner, const Value& state, const std::function<void()>& check) const;

 private:
  struct Field {
    std::string name;
    Save save;
    Load load;
    bool is_optional = false;
  };
  static size_t place_in(const std::vector<std::string>& names, const Value& value);

  std::vector<Field> fields_;
};

}  // namespace cuttle
