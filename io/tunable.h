// torch.cuda.tunable's files: what trials have chosen, kept for the next process.
#pragma once

#include <filesystem>

namespace cuttle::cuda::tunable {

/// Writes results() (core/cuda.h) to the file, beside it first and then renamed. Throws Error.
void write_file(const std::filesystem::path& path);
/// set_results() of the file's text: this process then computes what the one that wrote it did.
/// Throws Error where the file cannot be read or holds something else, naming it.
void read_file(const std::filesystem::path& path);

}  // namespace cuttle::cuda::tunable
