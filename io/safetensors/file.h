// A safetensors file opened for reading, its header checked. Internal to io.
#pragma once

#include <cstdint>
#include <filesystem>

#include "../files/file.h"
#include "header.h"

namespace cuttle::safetensors {

struct OpenFile {
  File file;
  Header header;
  uint64_t buffer_begin = 0;  // offset of the buffer in the file
};

/// Throws Error, without the file's name, for anything but a whole safetensors file.
OpenFile open_checked(const std::filesystem::path& path);

}  // namespace cuttle::safetensors
