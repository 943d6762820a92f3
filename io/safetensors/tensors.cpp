// Tensors to the buffer of a safetensors file and back; file.h opens one.
#include "tensors.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "../../core/creation.h"
#include "../../core/text.h"
#include "../files/atomic_file.h"
#include "../files/mapped_file.h"
#include "file.h"

namespace cuttle::safetensors {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

// Indices of the tensors by falling element size, so that each begins on a multiple of its element.
std::vector<size_t> buffer_order(const std::vector<Entry>& entries) {
  std::vector<size_t> order(entries.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return element_size(entries[a].dtype) > element_size(entries[b].dtype);
  });
  return order;
}

// Reads tensors of one file, or leaves them where they are.
class Reader {
 public:
  Reader(const fs::path& path, bool mmap) : open_(open_checked(path)) {
    if (mmap) mapped_ = std::make_shared<MappedFile>(open_.file);
  }

  const std::vector<Entry>& entries() const { return open_.header.entries; }

  Tensor tensor(const Entry& entry) const {
    const uint64_t place = open_.buffer_begin + entry.begin, count = entry.end - entry.begin;
    // Another writer may have left elements where no element of their size can lie.
    const bool stays = mapped_ && count > 0 && place % element_size(entry.dtype) == 0;
    Tensor tensor = stays ? from_blob(mapped_->data() + place, entry.shape, {.dtype = entry.dtype},
                                      [held = mapped_] {})
                          : empty(entry.shape, {.dtype = entry.dtype});
    auto* const bytes = static_cast<uint8_t*>(tensor.raw_data());
    if (!stays && count > 0) open_.file.read_at(place, bytes, count);
    if (entry.dtype == DType::boolean)  // a C++ bool is 0 or 1; in the file any other byte is true
      for (uint64_t i = 0; i < count; ++i)
        if (bytes[i] > 1) bytes[i] = 1;
    return tensor;
  }

 private:
  OpenFile open_;
  std::shared_ptr<MappedFile> mapped_;
};

std::string refusal(const Entry& entry) {
  return "tensor " + in_quotes(entry.name) + ": " + entry.unsupported;
}

// The entries that are asked for.
std::vector<const Entry*> chosen(const std::vector<Entry>& entries,
                                 const std::vector<std::string>& names) {
  std::unordered_map<std::string_view, const Entry*> entry_of;
  for (const Entry& entry : entries) entry_of.emplace(entry.name, &entry);
  std::vector<const Entry*> found;
  for (const std::string& name : names) {
    const auto place = entry_of.find(name);
    if (place == entry_of.end())
      fail("there is no tensor ", in_quotes(name),
           "; there are: ", entries.empty() ? "none" : listed(entries, [](const Entry& entry) {
             return in_quotes(entry.name);
           }));
    if (!place->second->unsupported.empty()) fail(refusal(*place->second));
    found.push_back(place->second);
  }
  return found;
}

std::vector<const Entry*> all_of(const std::vector<Entry>& entries) {
  std::vector<const Entry*> all;
  for (const Entry& entry : entries) {
    if (!entry.unsupported.empty())
      fail(refusal(entry), "; load(path, names) reads others by their names");
    all.push_back(&entry);
  }
  return all;
}

}  // namespace

void write(const StateDict& tensors, const fs::path& path, const Metadata& metadata) {
  Header header{.entries = {}, .metadata = metadata};
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
  const std::string json = write_header(header);
  const auto header_bytes = static_cast<uint64_t>(json.size());

  AtomicFile file(path);
  file.write(&header_bytes, sizeof(header_bytes));
  file.write(json);
  for (const size_t i : order) {
    const Entry& entry = header.entries[i];
    if (entry.end > entry.begin) file.write(values[i].raw_data(), entry.end - entry.begin);
  }
  file.commit();
}

StateDict read(const fs::path& path, const LoadOptions& options) {
  const Reader reader(path, options.mmap);
  const auto entries =
      options.names.empty() ? all_of(reader.entries()) : chosen(reader.entries(), options.names);
  StateDict tensors;
  for (const Entry* const entry : entries) tensors.insert(entry->name, reader.tensor(*entry));
  return tensors;
}

std::vector<std::string> read_names(const fs::path& path) {
  std::vector<std::string> names;
  const OpenFile open = open_checked(path);
  for (const Entry& entry : open.header.entries) names.push_back(entry.name);
  return names;
}

Metadata read_metadata(const fs::path& path) {
  return open_checked(path).header.metadata;
}

}  // namespace cuttle::safetensors
