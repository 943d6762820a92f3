// Which format a file has, and its name in front of what goes wrong.
#include "serialization.h"

#include "../core/text.h"
#include "safetensors/tensors.h"
#include "torch/torch_file.h"

namespace cuttle {
namespace {

namespace fs = std::filesystem;

enum class Format { safetensors, torch };

Format format_of(const char* op, const fs::path& path) {
  const fs::path ending = path.extension();
  if (ending == ".safetensors") return Format::safetensors;
  if (ending == ".pt" || ending == ".pth") return Format::torch;
  fail(op, ": ", path.string(), " has the ending \"", ending.string(),
       "\"; the formats there are: .safetensors, .pt, .pth");
}

// run(format), with the file's name in front of an Error.
template <class Run>
auto with_name(const char* op, const fs::path& path, const Run& run) {
  const Format format = format_of(op, path);
  try {
    return run(format);
  } catch (const OutOfMemoryError&) {
    throw;
  } catch (const Error& error) {
    fail(op, " ", path.string(), ": ", error.what());
  }
}

StateDict chosen(const StateDict& all, const std::vector<std::string>& names) {
  if (names.empty()) return all;
  StateDict tensors;
  for (const std::string& name : names) {
    if (all.find(name) == nullptr)
      fail("there is no tensor ", in_quotes(name),
           "; there are: ", all.empty() ? "none" : listed(all, [](const auto& entry) {
             return in_quotes(entry.first);
           }));
    tensors.insert(name, all.at(name));
  }
  return tensors;
}

}  // namespace

void save(const StateDict& tensors, const fs::path& path, const Metadata& metadata) {
  with_name("save", path, [&](Format format) {
    if (format == Format::safetensors) return safetensors::write(tensors, path, metadata);
    if (!metadata.empty())
      fail("a .pt has no metadata beside its data; save a Dict of the tensors and the text");
    torch_file::write(tensors, path);
  });
}

void save_value(const Value& data, const fs::path& path) {
  with_name("save", path, [&](Format format) {
    if (format == Format::torch) return torch_file::write(data, path);
    if (!data.is_dict()) fail("a .safetensors holds names and tensors, not ", data.kind());
    safetensors::write(data.to_state_dict(), path, {});
  });
}

StateDict load(const fs::path& path, const LoadOptions& options) {
  return with_name("load", path, [&](Format format) {
    if (format == Format::safetensors) return safetensors::read(path, options);
    return chosen(torch_file::read(path, options.mmap).to_state_dict(), options.names);
  });
}

StateDict load(const fs::path& path, std::initializer_list<std::string> names) {
  // An empty list asks for nothing.
  return names.size() == 0 ? StateDict() : load(path, LoadOptions{.names = names});
}

Value load_value(const fs::path& path, const LoadOptions& options) {
  return with_name("load", path, [&](Format format) -> Value {
    if (format == Format::safetensors) return safetensors::read(path, options);
    Value data = torch_file::read(path, options.mmap);
    if (options.names.empty()) return data;
    return chosen(data.to_state_dict(), options.names);
  });
}

std::vector<std::string> load_names(const fs::path& path) {
  return with_name("load_names", path, [&](Format format) {
    if (format == Format::safetensors) return safetensors::read_names(path);
    std::vector<std::string> names;
    for (const auto& [name, tensor] : torch_file::read(path, /*mmap=*/true).to_state_dict())
      names.push_back(name);
    return names;
  });
}

Metadata load_metadata(const fs::path& path) {
  return with_name("load_metadata", path, [&](Format format) -> Metadata {
    if (format == Format::safetensors) return safetensors::read_metadata(path);
    fail("a .pt has no metadata beside its data; load_value(path) reads all of it");
  });
}

}  // namespace cuttle
