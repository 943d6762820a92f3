// From a kernel's address to its name in the source.
#pragma once

#include <string>

namespace cuttle::simt {

/// "cuttle::(anonymous namespace)::copy_kernel<float>(float const*, float*, long)", found in the
/// program's symbol table; the address in hexadecimal where the program was stripped.
const std::string& kernel_name(const void* kernel);

}  // namespace cuttle::simt
