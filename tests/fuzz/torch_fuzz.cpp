// PyTorch's files. The first byte is left out. '1' and '2': the rest is such a file, as it is or
// with its directory put right (zip_records.h). Any other: the rest is the pickle of a whole
// archive of three storages, as it is if it begins as pickles do, otherwise its opcodes alone; odd
// ones are mapped. Tensors lie within their memory, that within the file's size, and what is read
// can be written and read again as the same, with what shares memory.
#include <cuttle/core/storage.h>
#include <cuttle/core/tensor_impl.h>
#include <cuttle/io/torch/torch_file.h>
#include <cuttle/io/zip/zip_writer.h>

#include <cstring>
#include <map>
#include <numeric>

#include "scratch.h"
#include "zip_records.h"

namespace {

using namespace cuttle;

constexpr int64_t kMaxElements = 5000;  // that are compared and written
constexpr size_t kMaxValues = 20000;

std::filesystem::path archive_of(const std::string& pickle) {
  static const fuzz::Scratch scratch;
  static const std::string storages[] = {std::string(64, '\2'), std::string(8, '\1'), ""};
  AtomicFile file(scratch.path / "x.pt");
  zip::Writer zip(file);
  zip.add("x/data.pkl", pickle);
  for (size_t i = 0; i < std::size(storages); ++i)
    zip.add("x/data/" + std::to_string(i), storages[i]);
  zip.finish();
  file.commit();
  return scratch.path / "x.pt";
}

std::string bytes_of(const Tensor& tensor) {
  const Tensor dense = tensor.contiguous();
  const size_t bytes = static_cast<size_t>(dense.numel()) * element_size(dense.dtype());
  return bytes == 0 ? "" : std::string(static_cast<const char*>(dense.raw_data()), bytes);
}

// What one reading made: its values in order, and what they take.
struct Contents {
  explicit Contents(const Value& value) { add(value); }

  void add(const Value& value);
  void add(const Tensor& tensor);

  std::vector<std::string> scalars;  // and kinds and keys, in order
  std::vector<Tensor> tensors;
  std::map<const Storage*, size_t> storages;  // numbered as they come
  int64_t elements = 0;
};

void Contents::add(const Value& value) {
  scalars.emplace_back(value.kind());
  if (value.is_bool()) scalars.push_back(value.to_bool() ? "1" : "0");
  if (value.is_int()) scalars.push_back(std::to_string(value.to_int()));
  if (value.is_string()) scalars.push_back(value.to_string());
  if (value.is_double()) {
    const double number = value.to_double();
    scalars.emplace_back(reinterpret_cast<const char*>(&number), sizeof(number));
  }
  if (value.is_tensor()) add(value.to_tensor());
  if (value.is_list() || value.is_tuple()) {
    scalars.push_back(std::to_string(value.items().size()));
    for (const Value& item : value.items()) add(item);
  }
  if (!value.is_dict()) return;
  scalars.emplace_back(value.dict().type() == Dict::Type::counter ? "counter" : "dict");
  scalars.push_back(std::to_string(value.dict().size()));
  for (const auto& [key, item] : value.dict()) {
    scalars.push_back(std::to_string(key.index()) + to_text(key));
    add(item);
  }
}

void Contents::add(const Tensor& tensor) {
  const TensorImpl& impl = tensor.impl();
  const auto held = static_cast<int64_t>(impl.storage->bytes() / element_size(impl.dtype));
  int64_t last = impl.offset;
  for (int d = 0; d < impl.shape.size(); ++d)
    last += std::max<int64_t>(impl.shape[d] - 1, 0) * impl.strides[d];
  fuzz::require(impl.numel == 0 || (impl.offset >= 0 && last < held),
                "a tensor is within its memory");
  tensors.push_back(tensor);
  storages.emplace(impl.storage.get(), storages.size());
  elements += std::min(impl.numel, kMaxElements + 1);
}

void expect_same(const Contents& a, const Contents& b) {
  fuzz::require(a.scalars == b.scalars, "the values stay");
  fuzz::require(a.tensors.size() == b.tensors.size(), "the tensors stay");
  for (size_t i = 0; i < a.tensors.size(); ++i) {
    const TensorImpl &x = a.tensors[i].impl(), &y = b.tensors[i].impl();
    fuzz::require(x.dtype == y.dtype && x.shape == y.shape, "a tensor keeps dtype and shape");
    fuzz::require(bytes_of(a.tensors[i]) == bytes_of(b.tensors[i]), "and its elements");
    fuzz::require(a.storages.at(x.storage.get()) == b.storages.at(y.storage.get()),
                  "what shared memory still does");
  }
}

void expect_bools(const Contents& contents) {
  for (const Tensor& tensor : contents.tensors)
    if (tensor.dtype() == DType::boolean)
      for (const char byte : bytes_of(tensor))
        fuzz::require(byte == 0 || byte == 1, "bools are 0 or 1");
}

void expect_round_trip(const std::filesystem::path& path, bool mmap) {
  static const fuzz::Scratch scratch;
  const std::filesystem::path again = scratch.path / "again.pt";
  Value value;
  if (!fuzz::accepted([&] { value = torch_file::read(path, mmap); })) return;
  const Contents contents(value);
  uint64_t bytes = 0;
  for (const auto& [storage, number] : contents.storages) bytes += storage->bytes();
  fuzz::require(bytes <= std::filesystem::file_size(path), "the memory is bounded by the file");
  if (contents.elements > kMaxElements || contents.scalars.size() > kMaxValues) return;
  expect_bools(contents);
  const bool read = fuzz::accepted([&] {
    torch_file::write(value, again);
    expect_same(contents, Contents(torch_file::read(again, !mmap)));
  });
  fuzz::require(read, "what was read is written and read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::InputFile file;
  if (size == 0) return 0;
  std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool mmap = data[0] % 2 == 1;
  if (data[0] == '1' || data[0] == '2') {
    if (data[0] == '2') rest = fuzz::with_places(rest);
    expect_round_trip(file.write(rest.data(), rest.size()), mmap);
  } else {
    if (!rest.starts_with('\x80')) rest = "\x80\x02" + rest + ".";
    expect_round_trip(archive_of(rest), mmap);
  }
  return 0;
}
