// Numbers and choices as Python prints them, for the printed form of layers.
#pragma once

#include <optional>
#include <string>

namespace cuttle {

/// As Python's repr() of a float: the shortest digits that give the number back, "1e-05", "0.1",
/// "1.0".
std::string printed_number(double value);
/// The same, "None" where there is none.
std::string printed_number(std::optional<double> value);
/// "True" or "False".
inline const char* printed_choice(bool value) {
  return value ? "True" : "False";
}

}  // namespace cuttle
