// Saving and loading tensors by name. The file's ending decides its format; ".safetensors" is the
// one there is.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "../core/state_dict.h"

namespace cuttle {

/// Free text kept beside the tensors.
using Metadata = std::map<std::string, std::string>;

/// Writes the tensors' values, from any device and in any layout: save(model.state_dict(), path).
/// The file appears whole or not at all; names keep their order. Throws Error for an undefined
/// tensor, another ending than ".safetensors", or a file that cannot be written.
void save(const StateDict& tensors, const std::filesystem::path& path,
          const Metadata& metadata = {});

/// Reads what save() or any other writer of the format wrote, to the CPU, in the order of the
/// file's header: model.load_state_dict(load(path)). Throws Error naming the file and what is wrong
/// with it; the whole header is checked before memory is allocated.
StateDict load(const std::filesystem::path& path);

/// Reads these tensors alone, in the order of `names`. Others may have dtypes that there are none
/// of here. Throws Error as above, and for a name that the file does not have.
StateDict load(const std::filesystem::path& path, const std::vector<std::string>& names);

/// The names of all tensors of the file, in the order of its header.
std::vector<std::string> load_names(const std::filesystem::path& path);

/// The free text of the file alone.
Metadata load_metadata(const std::filesystem::path& path);

}  // namespace cuttle
