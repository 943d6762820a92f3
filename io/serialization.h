// Saving and loading: tensors by name, and nested data. The file's ending decides its format:
// ".safetensors", or ".pt" and ".pth", PyTorch's.
#pragma once

#include <concepts>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "../core/state_dict.h"
#include "../core/value.h"

namespace cuttle {

/// Free text kept beside the tensors of a .safetensors file.
using Metadata = std::map<std::string, std::string>;

/// Writes the tensors' values, from any device and in any layout: save(model.state_dict(), path).
/// The file appears whole or not at all; names keep their order. torch.load(weights_only=True)
/// takes a .pt. Throws Error for an undefined tensor, another ending, a file that cannot be
/// written, and for metadata where the format has none (.pt: save a Dict).
void save(const StateDict& tensors, const std::filesystem::path& path,
          const Metadata& metadata = {});

/// Writes nested data to a .pt. A .safetensors takes a dictionary of names and tensors alone.
void save_value(const Value& data, const std::filesystem::path& path);
/// save(Dict{{"model", model.state_dict()}, {"epoch", 3}}, "run.pt"), as in Python.
template <class V>
requires std::same_as<V, Value> || std::same_as<V, Dict>
void save(const V& data, const std::filesystem::path& path) {
  save_value(data, path);
}

struct LoadOptions {
  /// These tensors alone, in this order; others may have dtypes that there are none of here. Empty:
  /// all of them.
  std::vector<std::string> names = {};
  /// Leaves the tensors in the file, which is read when they are: quick where few are used, and
  /// processes share what they only read. What is written to them stays in memory. The file may be
  /// replaced by renaming meanwhile, as save() does, but not be shortened.
  bool mmap = false;
};

/// Reads what save() or any other writer of the format wrote, to the CPU, in the order of the file:
/// model.load_state_dict(load(path)). Throws Error naming the file and what is wrong with it, for a
/// name that the file does not have, and for a .pt that holds more than names and tensors; all that
/// the file claims is checked before memory is allocated.
StateDict load(const std::filesystem::path& path, const LoadOptions& options = {});
StateDict load(const std::filesystem::path& path, std::initializer_list<std::string> names);

/// Reads nested data: what torch.save wrote, but objects of classes. Tensors that shared memory
/// share it again. Of a .safetensors, a dictionary of names and tensors.
Value load_value(const std::filesystem::path& path, const LoadOptions& options = {});

/// The names of all tensors of the file, in the order of its header.
std::vector<std::string> load_names(const std::filesystem::path& path);

/// The free text of a .safetensors file alone.
Metadata load_metadata(const std::filesystem::path& path);

}  // namespace cuttle
