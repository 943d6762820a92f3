// Names as a reader knows them, from those that compilers make.
#pragma once

#include <string>
#include <typeinfo>

namespace cuttle {

/// "cuttle::Conv2d::forward(cuttle::Tensor const&)" from a linker's name; the name itself where it
/// is none.
std::string demangled(const char* symbol);

/// A class without its namespace: "Conv2d". Qualifications inside template arguments stay.
std::string class_name(const std::type_info& type);

}  // namespace cuttle
