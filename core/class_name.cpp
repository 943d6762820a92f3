#include "class_name.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace cuttle {

std::string demangled(const char* symbol) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(symbol, nullptr, nullptr, &status), &std::free);
  return status == 0 ? text.get() : symbol;
}

std::string class_name(const std::type_info& type) {
  const std::string name = demangled(type.name());
  const size_t arguments = name.find('<');
  const size_t colons = name.rfind("::", arguments);
  return colons == std::string::npos ? name : name.substr(colons + 2);
}

}  // namespace cuttle
