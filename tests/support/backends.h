// What tests know of the build they run in. Defined apart, so that the tests themselves compile to
// the same objects for each backend.
#pragma once

#include <string>
#include <vector>

namespace cuttle::test {

/// "cpu", and "cuda" where the build has a GPU backend.
std::vector<std::string> devices();

/// The kernels launched since the last call, where they can be known: in the interpreter.
std::string launched_kernels();

}  // namespace cuttle::test
