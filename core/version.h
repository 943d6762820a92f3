// Which Cuttle a program was linked with.
#pragma once

#include <string>

namespace cuttle {

/// "0.1.0" of a release; of a build in a git checkout with the commit, "0.1.0+gita2ba992", and with
/// ".dirty" behind it where the sources differ from that commit.
std::string version();

}  // namespace cuttle
