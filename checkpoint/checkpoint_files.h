// The names of a folder's checkpoints. For this folder alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace cuttle {

/// "checkpoint-0000001200.pt".
std::filesystem::path checkpoint_path(const std::filesystem::path& folder, int64_t step);
/// The folder's, the newest (of the greatest step) first.
std::vector<std::filesystem::path> checkpoints_of(const std::filesystem::path& folder);
/// Removes all but the newest `keep`, and what killed processes left half written.
void remove_old_checkpoints(const std::filesystem::path& folder, size_t keep);

}  // namespace cuttle
