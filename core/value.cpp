// Value and Dict: what is asked of them, and the sentences where they are something else.
#include "value.h"

#include <iterator>

#include "text.h"

namespace cuttle {

std::string to_text(const Dict::Key& key) {
  const auto* const number = std::get_if<int64_t>(&key);
  return number ? std::to_string(*number) : in_quotes(std::get<std::string>(key));
}

Dict::Dict() = default;
Dict::Dict(const Dict&) = default;
Dict::Dict(Dict&&) noexcept = default;
Dict& Dict::operator=(const Dict&) = default;
Dict& Dict::operator=(Dict&&) noexcept = default;
Dict::~Dict() = default;

Dict::Dict(std::initializer_list<Entry> entries) {
  for (const Entry& entry : entries) {
    if (contains(entry.first)) fail("Dict: the key ", to_text(entry.first), " comes twice");
    set(entry.first, entry.second);
  }
}

Dict::Dict(const StateDict& tensors) {
  for (const auto& [name, tensor] : tensors) set(name, tensor);
}

void Dict::set(Key key, Value value) {
  const auto [place, is_new] = places_.emplace(key, entries_.size());
  if (is_new)
    entries_.emplace_back(std::move(key), std::move(value));
  else
    entries_[place->second].second = std::move(value);
}

const Value* Dict::find(const Key& key) const {
  const auto place = places_.find(key);
  return place == places_.end() ? nullptr : &entries_[place->second].second;
}

const Value& Dict::at(const Key& key) const {
  if (const Value* const found = find(key)) return *found;
  fail("there is no key ", to_text(key),
       "; there are: ", empty() ? "none" : listed(entries_, [](const Entry& entry) {
         return to_text(entry.first);
       }));
}

size_t Dict::size() const noexcept {
  return entries_.size();
}
std::vector<Dict::Entry>::const_iterator Dict::begin() const noexcept {
  return entries_.begin();
}
std::vector<Dict::Entry>::const_iterator Dict::end() const noexcept {
  return entries_.end();
}

const char* Value::kind() const noexcept {
  static constexpr const char* kKinds[] = {"None",     "a bool",   "a whole number",
                                           "a number", "a string", "a tensor",
                                           "a list",   "a tuple",  "a dictionary"};
  static_assert(std::size(kKinds) == std::variant_size_v<decltype(data_)>);
  return kKinds[data_.index()];
}

template <class T>
const T& Value::get(const char* expected) const {
  if (const T* const value = std::get_if<T>(&data_)) return *value;
  fail("expected ", expected, ", got ", kind());
}

bool Value::to_bool() const {
  return get<bool>("a bool");
}

int64_t Value::to_int() const {
  return get<int64_t>("a whole number");
}

double Value::to_double() const {
  if (is_int()) return static_cast<double>(std::get<int64_t>(data_));
  if (is_bool()) return std::get<bool>(data_) ? 1 : 0;
  if (is_tensor()) return std::get<Tensor>(data_).item();
  return get<double>("a number");
}

const std::string& Value::to_string() const {
  return get<std::string>("a string");
}

const Tensor& Value::to_tensor() const {
  return get<Tensor>("a tensor");
}

const Value::List& Value::items() const {
  return is_tuple() ? std::get<Tuple>(data_).items : get<List>("a list or a tuple");
}

const Dict& Value::dict() const {
  return get<Dict>("a dictionary");
}

StateDict Value::to_state_dict() const {
  StateDict tensors;
  for (const auto& [key, value] : dict()) {
    if (!std::holds_alternative<std::string>(key) || !value.is_tensor())
      fail("expected a dictionary of names and tensors; ", to_text(key), " is ", value.kind(),
           "; load_value(path) gives what is nested, part by part");
    tensors.insert(std::get<std::string>(key), value.to_tensor());
  }
  return tensors;
}

const Value& Value::at(int64_t key) const {
  if (is_dict()) return dict().at(key);
  const List& all = items();
  if (key < 0 || key >= static_cast<int64_t>(all.size()))
    fail("there is no item ", key, " in ", kind(), " of ", all.size());
  return all[static_cast<size_t>(key)];
}

}  // namespace cuttle
