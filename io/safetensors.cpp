// A safetensors file: u64 header length N, N bytes of JSON (safetensors_header.h), the buffer. All
// little-endian.
#include "safetensors.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "../core/creation.h"
#include "atomic_file.h"
#include "file.h"
#include "safetensors_header.h"

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

struct OpenFile {
  File file;
  safetensors::Header header;
  uint64_t buffer_begin = 0;  // offset of the buffer in the file
};

OpenFile open_checked(const fs::path& path) {
  OpenFile open{.file = File::open_for_reading(path), .header = {}, .buffer_begin = 0};
  const uint64_t size = open.file.size();
  if (size < 8) fail("the file has ", size, " bytes, too few for the header's length");
  uint64_t header_bytes = 0;
  open.file.read_at(0, &header_bytes, sizeof(header_bytes));
  if (header_bytes > safetensors::kMaxHeaderBytes) {
    fail("the header's length is ", header_bytes, ", beyond 100,000,000: not a safetensors file");
  }
  if (header_bytes > size - 8) {
    fail("the header should take ", header_bytes, " bytes, but the file ends after ", size - 8,
         "; it is cut short or not a safetensors file");
  }
  std::string json(header_bytes, '\0');
  open.file.read_at(8, json.data(), json.size());
  open.buffer_begin = 8 + header_bytes;
  open.header = safetensors::parse_header(json, size - open.buffer_begin);
  return open;
}

Tensor read_tensor(const OpenFile& open, const safetensors::Entry& entry) {
  Tensor tensor = empty(entry.shape, {.dtype = entry.dtype});
  auto* bytes = static_cast<uint8_t*>(tensor.raw_data());
  const uint64_t count = entry.end - entry.begin;
  if (count > 0) open.file.read_at(open.buffer_begin + entry.begin, bytes, count);
  if (entry.dtype == DType::boolean) {  // a C++ bool is 0 or 1; in the file any other byte is true
    std::transform(bytes, bytes + count, bytes, [](uint8_t value) { return value != 0; });
  }
  return tensor;
}

}  // namespace

void save(const StateDict& tensors, const fs::path& path, const Metadata& metadata) {
  check_ending("save", path);
  try {
    safetensors::Header header{.entries = {}, .metadata = metadata};
    std::vector<Tensor> values;
    for (const auto& [name, tensor] : tensors) {
      if (!tensor.defined()) fail("tensor \"", name, "\" is undefined");
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
  check_ending("load", path);
  try {
    const OpenFile open = open_checked(path);
    StateDict tensors;
    for (const auto& entry : open.header.entries) {
      tensors.insert(entry.name, read_tensor(open, entry));
    }
    return tensors;
  } catch (const OutOfMemoryError&) {
    throw;
  } catch (const Error& error) {
    fail("load ", path.string(), ": ", error.what());
  }
}

Metadata load_metadata(const fs::path& path) {
  check_ending("load_metadata", path);
  try {
    return open_checked(path).header.metadata;
  } catch (const Error& error) {
    fail("load_metadata ", path.string(), ": ", error.what());
  }
}

}  // namespace cuttle
