// Tensors to the buffer of a safetensors file and back; safetensors_file.h opens one.
#include "safetensors.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "../core/creation.h"
#include "../core/text.h"
#include "atomic_file.h"
#include "safetensors_file.h"

namespace cuttle {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

void check_ending(const char* op, const fs::path& path) {
  if (path.extension() != ".safetensors") {
    fail(op, ": ", path.string(), " has the ending \"", path.extension().string(),
         "\"; the formats there are: .safetensors");
  }
}

// Indices of the tensors by falling element size, so that each begins on a multiple of its element.
std::vector<size_t> buffer_order(const std::vector<safetensors::Entry>& entries) {
  std::vector<size_t> order(entries.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return element_size(entries[a].dtype) > element_size(entries[b].dtype);
  });
  return order;
}

Tensor read_tensor(const safetensors::OpenFile& open, const safetensors::Entry& entry) {
  Tensor tensor = empty(entry.shape, {.dtype = entry.dtype});
  auto* bytes = static_cast<uint8_t*>(tensor.raw_data());
  const uint64_t count = entry.end - entry.begin;
  if (count > 0) open.file.read_at(open.buffer_begin + entry.begin, bytes, count);
  if (entry.dtype == DType::boolean) {  // a C++ bool is 0 or 1; in the file any other byte is true
    std::transform(bytes, bytes + count, bytes, [](uint8_t value) { return value != 0; });
  }
  return tensor;
}

std::string refusal(const safetensors::Entry& entry) {
  return "tensor " + in_quotes(entry.name) + ": " + entry.unsupported;
}

// read(the opened file), with the file's name in front of an Error.
template <class Read>
auto read_checked(const char* op, const fs::path& path, const Read& read) {
  check_ending(op, path);
  try {
    return read(safetensors::open_checked(path));
  } catch (const OutOfMemoryError&) {
    throw;
  } catch (const Error& error) {
    fail(op, " ", path.string(), ": ", error.what());
  }
}

}  // namespace

void save(const StateDict& tensors, const fs::path& path, const Metadata& metadata) {
  check_ending("save", path);
  try {
    safetensors::Header header{.entries = {}, .metadata = metadata};
    std::vector<Tensor> values;
    for (const auto& [name, tensor] : tensors) {
      if (!tensor.defined()) fail("tensor ", in_quotes(name), " is undefined");
      values.push_back(tensor.detach().cpu().contiguous());
      header.entries.push_back({name, tensor.dtype(), tensor.shape(), 0, 0});
    }
    const std::vector<size_t> order = buffer_order(header.entries);
    uint64_t place = 0;
    for (const size_t i : order) {
      header.entries[i].begin = place;
      place += static_cast<uint64_t>(values[i].numel()) * element_size(values[i].dtype());
      header.entries[i].end = place;
    }
    const std::string json = safetensors::write_header(header);
    const auto header_bytes = static_cast<uint64_t>(json.size());

    AtomicFile file(path);
    file.write(&header_bytes, sizeof(header_bytes));
    file.write(json);
    for (const size_t i : order) {
      const auto& entry = header.entries[i];
      if (entry.end > entry.begin) file.write(values[i].raw_data(), entry.end - entry.begin);
    }
    file.commit();
  } catch (const OutOfMemoryError&) {
    throw;
  } catch (const Error& error) {
    fail("save ", path.string(), ": ", error.what());
  }
}

StateDict load(const fs::path& path) {
  return read_checked("load", path, [](const safetensors::OpenFile& open) {
    for (const auto& entry : open.header.entries) {
      if (!entry.unsupported.empty()) {
        fail(refusal(entry), "; load(path, names) reads others by their names");
      }
    }
    StateDict tensors;
    for (const auto& entry : open.header.entries) {
      tensors.insert(entry.name, read_tensor(open, entry));
    }
    return tensors;
  });
}

StateDict load(const fs::path& path, const std::vector<std::string>& names) {
  return read_checked("load", path, [&](const safetensors::OpenFile& open) {
    const auto& entries = open.header.entries;
    std::unordered_map<std::string_view, const safetensors::Entry*> entry_of;
    for (const auto& entry : entries) entry_of.emplace(entry.name, &entry);
    for (const std::string& name : names) {
      const auto found = entry_of.find(name);
      if (found == entry_of.end()) {
        fail("there is no tensor ", in_quotes(name),
             "; there are: ", entries.empty() ? "none" : listed(entries, [](const auto& entry) {
               return in_quotes(entry.name);
             }));
      }
      if (!found->second->unsupported.empty()) fail(refusal(*found->second));
    }
    StateDict tensors;
    for (const std::string& name : names) {
      tensors.insert(name, read_tensor(open, *entry_of.at(name)));
    }
    return tensors;
  });
}

std::vector<std::string> load_names(const fs::path& path) {
  return read_checked("load_names", path, [](const safetensors::OpenFile& open) {
    std::vector<std::string> names;
    for (const auto& entry : open.header.entries) names.push_back(entry.name);
    return names;
  });
}

Metadata load_metadata(const fs::path& path) {
  return read_checked("load_metadata", path,
                      [](const safetensors::OpenFile& open) { return open.header.metadata; });
}

}  // namespace cuttle
