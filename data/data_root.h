// Where data sets lie unless a program says otherwise.
#pragma once

#include <filesystem>

namespace cuttle {

/// What the environment variable CUTTLE_DATA says; "data", in the current folder, where it is empty
/// or not set.
std::filesystem::path data_root();

}  // namespace cuttle
