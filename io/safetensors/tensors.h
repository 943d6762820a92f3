// Whole safetensors files: tensors in, tensors out. Every function throws Error without the file's
// name. Internal to io; serialization.h is for users.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "../serialization.h"

namespace cuttle::safetensors {

void write(const StateDict& tensors, const std::filesystem::path& path, const Metadata& metadata);
StateDict read(const std::filesystem::path& path, const LoadOptions& options);
std::vector<std::string> read_names(const std::filesystem::path& path);
Metadata read_metadata(const std::filesystem::path& path);

}  // namespace cuttle::safetensors
