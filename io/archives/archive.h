// Unpacking downloaded archives.
#pragma once

#include <filesystem>

namespace cuttle {

/// Unpacks a .tar.gz into folder `into`, which is made if absent. The contents are unpacked in a
/// folder inside it, compared with their checksum, and then moved in entry by entry, replacing
/// files that bear their name and leaving all others where they are; a fault leaves everything as
/// it was. Throws Error for an archive that is damaged, cut short or followed by something else,
/// for anything in it but files without holes and folders, for a path that leads out of it, and in
/// a build without libarchive.
void extract_tar_gz(const std::filesystem::path& archive, const std::filesystem::path& into);

}  // namespace cuttle
