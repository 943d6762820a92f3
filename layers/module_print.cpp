// Module: its name and its printed form.
#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <typeinfo>

#include "module.h"

namespace cuttle {
namespace {

/// "cuttle::Conv2d" → "Conv2d"; qualifications inside template arguments stay.
std::string without_namespace(const std::string& name) {
  const size_t arguments = name.find('<');
  const size_t colons = name.rfind("::", arguments);
  return colons == std::string::npos ? name : name.substr(colons + 2);
}

/// Two more spaces before every line but the first.
std::string indented(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\n  ") : std::string(1, c);
  return out;
}

}  // namespace

std::string Module::type_name() const {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(typeid(*this).name(), nullptr, nullptr, &status), &std::free);
  return without_namespace(status == 0 ? demangled.get() : typeid(*this).name());
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
