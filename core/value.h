// Value: nested data of dictionaries, lists, numbers, strings and tensors, as torch.save takes it.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "state_dict.h"
#include "tensor.h"

namespace cuttle {

class Value;

/// A dictionary that keeps the order of its keys, which are strings or whole numbers.
class Dict {
 public:
  /// Which class of Python's it is. A collections.Counter says how often each key was counted.
  enum class Type { dict, counter };
  using Key = std::variant<int64_t, std::string>;
  using Entry = std::pair<Key, Value>;

  /// Dict{{"model", model.state_dict()}, {"epoch", 3}}. Throws Error if a key comes twice.
  Dict(std::initializer_list<Entry> entries);
  /// Names and tensors.
  Dict(const StateDict& tensors);
  explicit Dict(Type type) : Dict() { type_ = type; }
  Dict();
  Dict(const Dict&);
  Dict(Dict&&) noexcept;
  Dict& operator=(const Dict&);
  Dict& operator=(Dict&&) noexcept;
  ~Dict();

  /// Replaces what the key stands for, or appends it.
  void set(Key key, Value value);
  /// nullptr if there is no such key.
  const Value* find(const Key& key) const;
  bool contains(const Key& key) const { return find(key) != nullptr; }
  /// Throws Error, listing the keys there are, if it is not among them.
  const Value& at(const Key& key) const;

  Type type() const noexcept { return type_; }
  size_t size() const noexcept;
  bool empty() const noexcept { return size() == 0; }
  std::vector<Entry>::const_iterator begin() const noexcept;
  std::vector<Entry>::const_iterator end() const noexcept;

 private:
  std::vector<Entry> entries_;
  std::map<Key, size_t> places_;  // in entries_
  Type type_ = Type::dict;
};

/// What Python writes between round brackets.
struct Tuple {
  std::vector<Value> items;
};

/// One value: none, bool, whole number, number, string, tensor, list, tuple or dictionary.
///
///     save(Dict{{"model", model.state_dict()}, {"epoch", 3}}, "run.pt");
///     const Value run = load_value("run.pt");
///     model.load_state_dict(run["model"]);
///     const int64_t epoch = run["epoch"].to_int();
///
/// Copies copy containers; tensors in them are handles, as everywhere.
class Value {
 public:
  using List = std::vector<Value>;

  Value() = default;  // Python's None
  Value(bool value) : data_(value) {}
  template <std::integral T>
  Value(T value) : data_(static_cast<int64_t>(value)) {}
  template <std::floating_point T>
  Value(T value) : data_(static_cast<double>(value)) {}
  Value(const char* text) : data_(std::string(text)) {}
  Value(std::string text) : data_(std::move(text)) {}
  Value(Tensor tensor) : data_(std::move(tensor)) {}
  Value(List items) : data_(std::move(items)) {}
  Value(Tuple tuple) : data_(std::move(tuple)) {}
  Value(Dict dict) : data_(std::move(dict)) {}
  Value(const StateDict& tensors) : data_(Dict(tensors)) {}

  bool is_none() const noexcept { return is<std::monostate>(); }
  bool is_bool() const noexcept { return is<bool>(); }
  bool is_int() const noexcept { return is<int64_t>(); }
  bool is_double() const noexcept { return is<double>(); }
  bool is_string() const noexcept { return is<std::string>(); }
  bool is_tensor() const noexcept { return is<Tensor>(); }
  bool is_list() const noexcept { return is<List>(); }
  bool is_tuple() const noexcept { return is<Tuple>(); }
  bool is_dict() const noexcept { return is<Dict>(); }
  /// "a dictionary", "a string", …: for messages.
  const char* kind() const noexcept;

  // What it is; each throws Error, saying what was expected and what is there, if it is another.
  bool to_bool() const;
  int64_t to_int() const;
  /// Whole numbers, bools and tensors of one element, too.
  double to_double() const;
  const std::string& to_string() const;
  const Tensor& to_tensor() const;
  /// Of a list or a tuple.
  const List& items() const;
  const Dict& dict() const;
  /// A dictionary of names and tensors alone.
  StateDict to_state_dict() const;
  operator StateDict() const { return to_state_dict(); }

  /// What a key of the dictionary, or an index of the list or tuple, stands for.
  const Value& operator[](const char* key) const { return dict().at(key); }
  const Value& operator[](const std::string& key) const { return dict().at(key); }
  template <std::integral T>
  const Value& operator[](T key) const {
    return at(static_cast<int64_t>(key));
  }

 private:
  const Value& at(int64_t key) const;
  template <class T>
  bool is() const noexcept {
    return std::holds_alternative<T>(data_);
  }
  template <class T>
  const T& get(const char* expected) const;

  std::variant<std::monostate, bool, int64_t, double, std::string, Tensor, List, Tuple, Dict> data_;
};

/// A key as it can stand in a message.
std::string to_text(const Dict::Key& key);

}  // namespace cuttle
