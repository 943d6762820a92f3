// From an address in memory to what lies there.
#pragma once

#include <string>

namespace cuttle::simt {

/// "byte 256 of 'tile', 256 bytes of shared memory" for an address in shared memory of the running
/// block or a little outside, "byte 4 of 512 bytes of device memory" for one there; else empty.
std::string describe_address(const void* address);

}  // namespace cuttle::simt
