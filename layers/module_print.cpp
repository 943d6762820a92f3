// Module: its name and its printed form.
#include <typeinfo>

#include "../core/class_name.h"
#include "module.h"

namespace cuttle {
namespace {

/// Two more spaces before every line but the first.
std::string indented(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\n  ") : std::string(1, c);
  return out;
}

}  // namespace

std::string Module::type_name() const {
  for (const auto& slot : parameters_)
    if (slot.is_computed) return "Parametrized" + class_name(typeid(*this));
  return class_name(typeid(*this));
}

std::string Module::str() const {
  const std::string extra = extra_repr();
  if (children_.empty()) return type_name() + "(" + extra + ")";
  std::string text = type_name() + "(\n";
  if (!extra.empty()) text += "  " + extra + "\n";
  for (const auto& [name, child] : children_)
    text += "  (" + name + "): " + indented(child->str()) + "\n";
  return text + ")";
}

std::ostream& operator<<(std::ostream& out, const Module& module) {
  return out << module.str();
}

}  // namespace cuttle
