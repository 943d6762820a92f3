// Unpacks a compressed tar into a folder that holds nothing yet. Internal to io.
#pragma once

#include <filesystem>

namespace cuttle {

/// Unpacks the .tar.gz `archive` into the folder `into`. Throws Error, without the archive's name,
/// for one that is damaged, cut short, lacks its end mark or goes on behind it, for anything in it
/// but files and folders, and for a path that leads out of it; what was unpacked until then stays.
void unpack_tar_gz(const std::filesystem::path& archive, const std::filesystem::path& into);

}  // namespace cuttle
