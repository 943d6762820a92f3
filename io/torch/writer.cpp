// From values to the pickle, then the memory of the tensors it speaks of.
#include <algorithm>
#include <bit>
#include <cstdio>
#include <unordered_map>

#include "../../core/tensor_impl.h"
#include "../../core/text.h"
#include "../files/atomic_file.h"
#include "../files/crc32.h"
#include "../pickle/writer.h"
#include "../zip/zip_writer.h"
#include "torch_file.h"

namespace cuttle::torch_file {
namespace {

static_assert(std::endian::native == std::endian::little, "the file says it is little-endian");

// Memory that tensors of the data use, and which part of it.
struct Used {
  int users = 0;
  int64_t begin = 0, end = 0;  // in bytes
  int number = -1;             // of its member, once there is one

  bool is_shared() const { return users > 1; }
};

class Pickler {
 public:
  /// Finds what is shared. To be called before write().
  void count(const Value& value, int depth = 0);
  void write(const Value& value);

  size_t items() const noexcept { return out_.items(); }
  /// The whole pickle, once.
  std::string finish() { return std::move(out_).finish(); }
  /// The memory of member `data/i`, on the CPU and row-major.
  Tensor memory(size_t i) const { return memories_[i].detach().cpu().contiguous(); }
  size_t memory_count() const { return memories_.size(); }

 private:
  void count_tensor(const Tensor& tensor);
  void write_tensor(const Tensor& tensor);
  void write_dict(const Dict& dict);
  void write_integers(const Shape& values);

  pickle::Writer out_;
  std::unordered_map<const Storage*, Used> used_;
  std::vector<Tensor> memories_;
};

void Pickler::count(const Value& value, int depth) {
  if (depth > kMaxDepth) fail("the data are nested more than ", kMaxDepth, " deep");
  if (value.is_tensor()) {
    count_tensor(value.to_tensor());
  } else if (value.is_list() || value.is_tuple()) {
    for (const Value& item : value.items()) count(item, depth + 1);
  } else if (value.is_dict()) {
    for (const auto& [key, item] : value.dict()) {
      if (item.is_tensor() && !item.to_tensor().defined())
        fail("tensor ", to_text(key), " is undefined");
      count(item, depth + 1);
    }
  }
}

void Pickler::count_tensor(const Tensor& tensor) {
  if (!tensor.defined()) fail("a tensor is undefined");
  const TensorImpl& impl = tensor.impl();
  const auto size = static_cast<int64_t>(element_size(impl.dtype));
  int64_t count = impl.numel == 0 ? 0 : 1;
  for (int i = 0; count > 0 && i < impl.shape.size(); ++i)
    count += (impl.shape[i] - 1) * impl.strides[i];
  // In eights, so that elements of every type begin on a multiple of their size.
  const int64_t begin = impl.offset * size / 8 * 8;
  const auto bytes = static_cast<int64_t>(impl.storage->bytes());
  const int64_t end = std::min(((impl.offset + count) * size + 7) / 8 * 8, bytes);
  Used& used = used_[impl.storage.get()];
  used.begin = used.users == 0 ? begin : std::min(used.begin, begin);
  used.end = std::max(used.end, end);
  ++used.users;
}

void Pickler::write_integers(const Shape& values) {
  out_.begin();
  for (const int64_t value : values) out_.integer(value);
  out_.end_tuple();
}

void Pickler::write_tensor(const Tensor& tensor) {
  const TensorImpl& impl = tensor.impl();
  const auto size = static_cast<int64_t>(element_size(impl.dtype));
  Used& used = used_.at(impl.storage.get());
  if (used.number < 0) {
    used.number = static_cast<int>(memories_.size());
    memories_.push_back(used.is_shared() ? make_tensor(impl.storage, {used.end - used.begin}, {1},
                                                       used.begin, DType::uint8)
                                         : tensor);
  }
  const auto type = std::find_if(kStorages.begin(), kStorages.end(),
                                 [&](const auto& entry) { return entry.second == impl.dtype; });
  out_.global(kRebuildTensor);
  out_.begin();
  out_.begin();
  out_.string("storage");
  out_.global(type->first);
  out_.string(std::to_string(used.number));
  out_.string("cpu");
  out_.integer(used.is_shared() ? (used.end - used.begin) / size : impl.numel);
  out_.end_tuple();
  out_.persistent();
  out_.integer(used.is_shared() ? impl.offset - used.begin / size : 0);
  write_integers(impl.shape);
  write_integers(used.is_shared() ? impl.strides : dense_strides(impl.shape));
  out_.boolean(false);  // values travel, not who wants gradients
  out_.global(kOrderedDict);
  out_.empty_tuple();
  out_.reduce();
  out_.end_tuple();
  out_.reduce();
}

void Pickler::write_dict(const Dict& dict) {
  const bool is_counter = dict.type() == Dict::Type::counter;
  if (is_counter) {
    out_.global(kCounter);
    out_.begin();
  }
  out_.empty_dict();
  out_.begin();
  for (const auto& [key, item] : dict) {
    if (const auto* const name = std::get_if<std::string>(&key))
      out_.string(*name);
    else
      out_.integer(std::get<int64_t>(key));
    write(item);
  }
  out_.end_dict();
  if (is_counter) {
    out_.end_tuple();
    out_.reduce();
  }
}

void Pickler::write(const Value& value) {
  if (value.is_none()) return out_.none();
  if (value.is_bool()) return out_.boolean(value.to_bool());
  if (value.is_int()) return out_.integer(value.to_int());
  if (value.is_double()) return out_.real(value.to_double());
  if (value.is_string()) return out_.string(value.to_string());
  if (value.is_tensor()) return write_tensor(value.to_tensor());
  if (value.is_dict()) return write_dict(value.dict());
  if (value.is_list()) out_.empty_list();
  out_.begin();
  for (const Value& item : value.items()) write(item);
  value.is_list() ? out_.end_list() : out_.end_tuple();
}

// Forty digits that tell files of different contents apart.
std::string serialization_id(const std::string& pickle) {
  char digits[41];
  std::snprintf(digits, sizeof(digits), "%020u%020u", crc32(pickle.data(), pickle.size()),
                crc32c(pickle.data(), pickle.size()));
  return digits;
}

}  // namespace

void write(const Value& data, const std::filesystem::path& path) {
  Pickler pickler;
  pickler.count(data);
  pickler.write(data);
  if (pickler.items() > kMaxItems)
    fail("the data have ", pickler.items(),
         " parts (each number is one, each tensor some twenty), ", "and a file of more than ",
         kMaxItems, " could not be read again; put numbers into tensors");
  const std::string pickle = pickler.finish();
  if (pickle.size() > kMaxPickleBytes)
    fail("the data without their tensors take ", pickle.size(), " bytes, and a file of more than ",
         kMaxPickleBytes, " could not be read again");
  AtomicFile file(path);
  zip::Writer zip(file);
  zip.add("archive/data.pkl", pickle);
  zip.add("archive/byteorder", "little");
  for (size_t i = 0; i < pickler.memory_count(); ++i) {
    const Tensor memory = pickler.memory(i);
    zip.add("archive/data/" + std::to_string(i), memory.numel() == 0 ? nullptr : memory.raw_data(),
            static_cast<uint64_t>(memory.numel()) * element_size(memory.dtype()));
  }
  zip.add("archive/version", "3\n");
  zip.add("archive/.data/serialization_id", serialization_id(pickle));
  zip.finish();
  file.commit();
}

}  // namespace cuttle::torch_file
