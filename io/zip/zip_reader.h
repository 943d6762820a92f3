// The members of a zip file. Internal to io.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../files/file.h"

namespace cuttle::zip {

/// A member that is stored as it is: its bytes are [begin, begin + size) of the file.
struct Member {
  std::string name;
  uint64_t begin = 0;
  uint64_t size = 0;
  uint32_t crc = 0;
};

/// All members in the order of the directory. Throws Error, without the file's name but with the
/// offset, for anything but a whole zip or zip64 file of stored, unencrypted members that have
/// names of their own and do not overlap. Nothing is read but the directory and each member's own
/// header.
std::vector<Member> read_members(const File& file);

}  // namespace cuttle::zip
