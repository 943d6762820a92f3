// A reader for Python's pickles that can run no code: what a pickle would call or construct becomes
// an inert object of a name and arguments. Internal to the library's readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string_view>
#include <vector>

namespace cuttle::pickle {

enum class Kind {
  none,
  boolean,
  integer,
  real,
  string,
  tuple,
  list,
  dict,
  global,      // a class or function
  object,      // what a global was called with
  persistent,  // what the pickle's surroundings know under an identifier
  mark
};

struct Item {
  Kind kind = Kind::none;
  int64_t integer = 0;
  double real = 0;
  /// In the pickle's memory; a global's is "module\nname\n".
  std::string_view text = {};
  /// A dictionary's are key, value, key, value …; an object's its class, its arguments and what it
  /// was built with; a persistent's its identifier.
  std::vector<const Item*> items = {};
  /// Where in the pickle it was made.
  size_t place = 0;
  bool is_counter = false;  // of dictionaries

  bool is_global(std::string_view name) const { return kind == Kind::global && text == name; }
};

/// The items of one pickle of protocol 2, in the opcodes that PyTorch's restricted reader takes and
/// those of Python 2's strings. Nothing here calls itself, so a deeply nested pickle is only a long
/// one, and length is bounded. An OrderedDict and a Counter are dictionaries.
class Document {
 public:
  /// `pickle` has to stay as long as the document. Throws Error with the offset, and without the
  /// file's name, for a pickle that is cut short, malformed, has other opcodes or more than
  /// `max_items` items.
  Document(std::string_view pickle, size_t max_items);
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// Lists and dictionaries may contain themselves.
  const Item& root() const noexcept { return *root_; }

 private:
  std::string_view take(size_t bytes);
  template <class T>
  T number();
  double big_endian_double();
  int64_t long_integer(size_t bytes);
  std::string_view lines(int count);

  void push(Item item);
  void push_integer(int64_t value) { push({.kind = Kind::integer, .integer = value}); }
  void push_string(size_t bytes) { push({.kind = Kind::string, .text = take(bytes)}); }
  Item* pop();
  std::vector<const Item*> pop_count(size_t count);
  std::vector<const Item*> pop_to_mark();
  void append(Kind kind, const std::vector<const Item*>& items);
  void recall(uint32_t key);
  void keep(uint32_t key);
  void reduce();
  void build();
  void step(uint8_t opcode);
  bool step_container(uint8_t opcode);
  bool step_scalar(uint8_t opcode);

  std::string_view pickle_;
  size_t max_items_;
  size_t place_ = 0;
  size_t copied_ = 0;       // pointers, from dictionary to dictionary
  std::deque<Item> items_;  // owns all, so that the pointers stay good
  std::vector<Item*> stack_;
  std::map<uint32_t, Item*> memo_;
  const Item* root_ = nullptr;
};

}  // namespace cuttle::pickle
