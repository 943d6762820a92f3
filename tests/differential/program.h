// A random program as programs.py writes it, and how Cuttle runs one.
#pragma once

#include <cuttle/cuttle.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace cuttle::test {

/// The values that a step reads, and its options by name.
struct Arguments {
  std::vector<Tensor> values;
  const nlohmann::json& options;

  const Tensor& operator[](size_t i) const { return values.at(i); }
  int64_t whole(const char* name) const { return options.at(name).get<int64_t>(); }
  double real(const char* name) const { return options.at(name).get<double>(); }
  bool flag(const char* name) const { return options.at(name).get<bool>(); }
  std::vector<int64_t> list(const char* name) const {
    return options.at(name).get<std::vector<int64_t>>();
  }
};

using Operation = std::function<Tensor(const Arguments&)>;

/// What operations.py calls by that name. Throws Error if there is none.
const Operation& operation(const std::string& name);

/// Runs the program on the device and compares each step's result and then the gradients with
/// PyTorch's. Returns what differs, with the steps that led there, or "" where nothing does.
std::string difference(const nlohmann::json& program, const Device& device);

}  // namespace cuttle::test
