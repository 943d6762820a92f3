// From the pickle's items to values: numbers and containers as they are, and the few classes that
// make tensors.
#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>

#include "../../core/tensor_impl.h"
#include "../../core/text.h"
#include "../pickle/reader.h"
#include "archive.h"
#include "torch_file.h"

namespace cuttle::torch_file {
namespace {

using pickle::Item;
using pickle::Kind;

// What is there once takes a byte or more each, and 256 of text at most for five (writer.cpp): a
// file may name things again and again, but not make much more of them than it is.
constexpr size_t kMaxSharedItems = 1'000'000, kMaxSharedText = 64'000'000, kTextPerByte = 64;

// Elements and strides, so that their bytes can be counted.
constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 8;

// "module.name" of "module\nname\n".
std::string dotted(std::string_view global) {
  std::string name(global.substr(0, global.size() - 1));
  std::replace(name.begin(), name.end(), '\n', '.');
  return name;
}

class Reader {
 public:
  /// `bytes`: how long the pickle is.
  Reader(const Archive& archive, size_t bytes)
      : archive_(archive),
        max_items_(std::min(bytes + kMaxSharedItems, kMaxItems)),
        max_text_(kTextPerByte * bytes + kMaxSharedText) {}

  Value value(const Item& item);
  /// Where it is among the data: "model" → "conv.weight".
  std::string place() const {
    return keys_.empty() ? "" : "at " + listed(keys_, [](const std::string& key) { return key; });
  }

 private:
  Value object(const Item& item);
  Dict dict(const Item& item);
  Value::List list(const Item& item);
  Tensor tensor(const Item& item);
  Tensor rebuilt(const Item& item);
  const std::shared_ptr<Storage>& storage(const Item& identifier, DType& dtype, int64_t& count);
  void count(const Item& item);

  struct Memory {
    std::shared_ptr<Storage> storage;
    DType dtype;
  };
  const Archive& archive_;
  const size_t max_items_, max_text_;
  std::unordered_map<const Item*, Tensor> tensors_;  // made already: two names can mean one
  std::map<std::string, Memory, std::less<>> storages_;
  std::vector<std::string> keys_;
  size_t items_ = 0, text_ = 0;
};

[[noreturn]] void refuse(const Item& item, const std::string& what) {
  fail(what, " (byte ", item.place, " of data.pkl)");
}

const Item& part(const Item& item, size_t index, Kind kind) {
  if (index >= item.items.size() || item.items[index]->kind != kind)
    refuse(item, "a tensor's description is malformed");
  return *item.items[index];
}

// Few bytes can name one list or one text again and again, or a list in itself.
void Reader::count(const Item& item) {
  if (++items_ > max_items_)
    refuse(item,
           "it holds more than " + std::to_string(max_items_) + " values, most of them again");
  text_ += item.text.size();
  if (text_ > max_text_)
    refuse(item, "it holds more than " + std::to_string(max_text_) + " bytes of text, most again");
  if (!is_utf8(item.text)) refuse(item, "a text is not UTF-8");
}

Value Reader::value(const Item& item) {
  count(item);
  if (keys_.size() > static_cast<size_t>(kMaxDepth)) {
    keys_.clear();
    refuse(item, "it is nested more than " + std::to_string(kMaxDepth) + " deep");
  }
  switch (item.kind) {
    case Kind::none:
      return {};
    case Kind::boolean:
      return item.integer != 0;
    case Kind::integer:
      return item.integer;
    case Kind::real:
      return item.real;
    case Kind::string:
      return std::string(item.text);
    case Kind::list:
      return list(item);
    case Kind::tuple:
      return Tuple{list(item)};
    case Kind::dict:
      return dict(item);
    case Kind::object:
      return object(item);
    case Kind::global:  // torch.float32 and its like stand for themselves
      if (item.text.starts_with("torch\n")) return dotted(item.text);
      refuse(item, "it names " + printable(dotted(item.text)) + ", which is no data");
    default:
      refuse(item, "a value is malformed");
  }
}

Value::List Reader::list(const Item& item) {
  Value::List values;
  for (size_t i = 0; i < item.items.size(); ++i) {
    keys_.push_back(std::to_string(i));
    values.push_back(value(*item.items[i]));
    keys_.pop_back();
  }
  return values;
}

Dict Reader::dict(const Item& item) {
  Dict values(item.is_counter ? Dict::Type::counter : Dict::Type::dict);
  for (size_t i = 0; i + 1 < item.items.size(); i += 2) {
    const Item& key = *item.items[i];
    count(key);
    const bool is_number = key.kind == Kind::integer || key.kind == Kind::boolean;
    if (!is_number && key.kind != Kind::string)
      refuse(item, "a dictionary has a key that is neither a string nor a whole number");
    Dict::Key name = is_number ? Dict::Key(key.integer) : Dict::Key(std::string(key.text));
    keys_.push_back(to_text(name));
    values.set(std::move(name), value(*item.items[i + 1]));
    keys_.pop_back();
  }
  return values;
}

Value Reader::object(const Item& item) {
  const Item& type = part(item, 0, Kind::global);
  const Item& arguments = part(item, 1, Kind::tuple);
  if (type.is_global(kRebuildTensor)) return tensor(item);
  const auto first = [&] {
    if (arguments.items.empty()) refuse(item, "a value is malformed");
    keys_.push_back(printable(dotted(type.text)));
    Value inner = value(*arguments.items.front());
    keys_.pop_back();
    return inner;
  };
  if (type.is_global("torch._utils\n_rebuild_parameter\n")) return first();
  const auto first_items = [&] {
    const Value inner = first();
    if (!inner.is_list() && !inner.is_tuple())
      refuse(item, printable(dotted(type.text)) + " is made of " + inner.kind());
    return inner.items();
  };
  if (type.is_global("torch\nSize\n")) return Tuple{first_items()};
  if (type.is_global("__builtin__\nset\n")) return first_items();
  if (type.is_global("torch\ndevice\n")) {
    const Value name = first();
    if (!name.is_string()) refuse(item, "a device has no name");
    if (arguments.items.size() < 2) return name;
    return name.to_string() + ":" + std::to_string(part(arguments, 1, Kind::integer).integer);
  }
  if (type.is_global("torch._utils\n_rebuild_tensor_v3\n"))
    refuse(item, "a tensor has a dtype that there is none of here; convert it in PyTorch");
  refuse(item, "it holds an object of " + printable(dotted(type.text)) +
                   ", and only dictionaries, lists, numbers, strings and tensors can be read; in "
                   "Python, save a model's state_dict(), not the model");
}

Tensor Reader::tensor(const Item& item) {
  const auto known = tensors_.find(&item);
  if (known != tensors_.end()) return known->second;
  return tensors_.emplace(&item, rebuilt(item)).first->second;
}

// A C++ bool is 0 or 1.
void make_bools(const Storage& memory) {
  auto* const bytes = static_cast<uint8_t*>(memory.data());
  for (size_t i = 0; i < memory.bytes(); ++i)
    if (bytes[i] > 1) bytes[i] = 1;
}

// ("storage", class, key, device, number of elements)
const std::shared_ptr<Storage>& Reader::storage(const Item& identifier, DType& dtype,
                                                int64_t& count) {
  const Item& id = part(identifier, 0, Kind::tuple);
  const Item& type = part(id, 1, Kind::global);
  const auto known = std::find_if(kStorages.begin(), kStorages.end(),
                                  [&](const auto& entry) { return type.is_global(entry.first); });
  if (part(id, 0, Kind::string).text != "storage" || known == kStorages.end())
    refuse(id, "a tensor's storage is a " + printable(dotted(type.text)) +
                   ", and there is no such dtype here; convert it in PyTorch");
  dtype = known->second;
  count = part(id, 4, Kind::integer).integer;
  const std::string_view key = part(id, 2, Kind::string).text;
  auto place = storages_.find(key);
  if (place == storages_.end()) {
    place = storages_.emplace(std::string(key), Memory{archive_.storage(key), dtype}).first;
    if (dtype == DType::boolean) make_bools(*place->second.storage);
  }
  if (place->second.dtype != dtype)
    refuse(id, "data/" + printable(key) + " is of " + std::string(dtype_name(dtype)) +
                   ", and before it was of " + std::string(dtype_name(place->second.dtype)));
  const Storage& memory = *place->second.storage;
  if (count < 0 || static_cast<uint64_t>(count) > memory.bytes() / element_size(dtype))
    refuse(id, "data/" + printable(key) + " should hold " + std::to_string(count) +
                   " elements of " + std::string(dtype_name(dtype)) + " and has " +
                   std::to_string(memory.bytes()) + " bytes");
  return place->second.storage;
}

// Arguments: storage, offset, sizes, strides, requires_grad, hooks and, of a tensor that is a
// negated or conjugated view, that it is.
Tensor Reader::rebuilt(const Item& item) {
  const Item& arguments = part(item, 1, Kind::tuple);
  if (arguments.items.size() > 6 && !part(arguments, 6, Kind::dict).items.empty())
    refuse(item, "a tensor is a negated view of its memory; save its resolve_neg()");
  DType dtype{};
  int64_t count = 0;
  const auto& memory = storage(part(arguments, 0, Kind::persistent), dtype, count);
  const int64_t offset = part(arguments, 1, Kind::integer).integer;
  const Item& sizes = part(arguments, 2, Kind::tuple);
  const Item& steps = part(arguments, 3, Kind::tuple);
  const size_t rank = sizes.items.size();
  if (steps.items.size() != rank) refuse(item, "a tensor has other numbers of sizes and strides");
  if (rank > static_cast<size_t>(kMaxRank))
    refuse(item, "a tensor has " + std::to_string(rank) + " dimensions, more than the " +
                     std::to_string(kMaxRank) + " supported");
  Shape shape;
  Strides strides;
  int64_t numel = 1, last = offset;
  bool is_negative = offset < 0, overflows = false, is_empty = false;
  for (size_t i = 0; i < rank; ++i) {
    const int64_t size = part(sizes, i, Kind::integer).integer;
    const int64_t stride = part(steps, i, Kind::integer).integer;
    int64_t way = 0;
    is_negative |= size < 0;
    is_empty |= size == 0;
    overflows |= stride < 0 || stride > kMost || __builtin_mul_overflow(numel, size, &numel) ||
                 __builtin_mul_overflow(std::max<int64_t>(size - 1, 0), stride, &way) ||
                 __builtin_add_overflow(last, way, &last);
    shape.push_back(size);
    strides.push_back(stride);
  }
  // The strides of an empty tensor mean nothing, and may be beyond all bounds.
  if (is_negative || (!is_empty && (overflows || numel > kMost)))
    refuse(item, "a tensor's sizes, strides or offset are negative or overflow");
  if (is_empty) return make_tensor(memory, shape, dense_strides(shape), 0, dtype);
  if (last >= count)
    refuse(item, "a tensor reaches to element " + std::to_string(last) + " of a storage of " +
                     std::to_string(count));
  return make_tensor(memory, shape, strides, offset, dtype);
}

}  // namespace

Value read(const std::filesystem::path& path, bool mmap) {
  const Archive archive(path, mmap);
  const std::string bytes = archive.pickle();
  const pickle::Document document(bytes, kMaxItems);
  Reader reader(archive, bytes.size());
  try {
    return reader.value(document.root());
  } catch (const OutOfMemoryError&) {
    throw;
  } catch (const Error& error) {
    const std::string place = reader.place();
    fail(place, place.empty() ? "" : ": ", error.what());
  }
}

}  // namespace cuttle::torch_file
