// Names of folders, and what TensorBoard takes as a name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace cuttle::tensorboard {

/// This machine's; "localhost" where it has none that is UTF-8.
std::string host_name();
/// "runs/Nov23_05-46-00_host<comment>".
std::filesystem::path default_log_dir(std::string_view comment);

/// Throws Error unless `text` is UTF-8. A single string that is not, in a record or as a folder's
/// name, and TensorBoard shows nothing of all the curves beside it.
void check_utf8(std::string_view function, std::string_view what, std::string_view text);
/// The same for a sub-folder's name, which must not lead out of the folder, either.
void check_run_name(std::string_view function, std::string_view name);

}  // namespace cuttle::tensorboard
