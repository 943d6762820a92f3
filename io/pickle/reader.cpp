// The stack machine of pickle protocol 2.
#include "reader.h"

#include <cstring>
#include <utility>

#include "../../core/text.h"
#include "../../kernels/error.h"

namespace cuttle::pickle {
namespace {

bool is_dictionary(const Item& type) {
  return type.is_global("collections\nOrderedDict\n") || type.is_global("collections\nCounter\n");
}

}  // namespace

Document::Document(std::string_view pickle, size_t max_items)
    : pickle_(pickle), max_items_(max_items) {
  if (!pickle_.starts_with("\x80\x02")) fail("it is not of pickle protocol 2");
  while (true) {
    const auto opcode = number<uint8_t>();
    if (opcode == '.') break;
    step(opcode);
  }
  root_ = pop();
  if (root_->kind == Kind::mark) fail("the pickle is malformed at byte ", place_);
}

std::string_view Document::take(size_t bytes) {
  if (bytes > pickle_.size() - place_) fail("the pickle is cut short at byte ", pickle_.size());
  const std::string_view taken = pickle_.substr(place_, bytes);
  place_ += bytes;
  return taken;
}

template <class T>
T Document::number() {
  T value;
  std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
  return value;
}

double Document::big_endian_double() {
  uint64_t bits = 0;
  for (const char byte : take(8)) bits = bits << 8 | static_cast<uint8_t>(byte);
  double value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

int64_t Document::long_integer(size_t bytes) {
  if (bytes > 8) fail("the integer at byte ", place_, " does not fit in 64 bits");
  const std::string_view digits = take(bytes);
  const bool negative = bytes > 0 && (static_cast<uint8_t>(digits.back()) & 0x80) != 0;
  uint64_t bits = negative ? ~uint64_t{0} : 0;
  std::memcpy(&bits, digits.data(), bytes);
  return static_cast<int64_t>(bits);
}

std::string_view Document::lines(int count) {
  const size_t begin = place_;
  for (; count > 0; --count) {
    const size_t end = pickle_.find('\n', place_);
    if (end == std::string_view::npos)
      fail("the pickle is cut short inside the name at byte ", begin);
    place_ = end + 1;
  }
  return pickle_.substr(begin, place_ - begin);
}

void Document::push(Item item) {
  if (items_.size() == max_items_)
    fail("the pickle has more than ", max_items_, " values up to byte ", place_);
  item.place = place_;
  items_.push_back(std::move(item));
  stack_.push_back(&items_.back());
}

Item* Document::pop() {
  if (stack_.empty()) fail("the pickle's stack is empty at byte ", place_);
  Item* const top = stack_.back();
  stack_.pop_back();
  return top;
}

std::vector<const Item*> Document::pop_count(size_t count) {
  std::vector<const Item*> items(count);
  for (size_t i = count; i > 0; --i) items[i - 1] = pop();
  return items;
}

std::vector<const Item*> Document::pop_to_mark() {
  size_t count = 0;
  while (count < stack_.size() && stack_[stack_.size() - 1 - count]->kind != Kind::mark) ++count;
  std::vector<const Item*> items = pop_count(count);
  pop();  // the mark; an empty stack has none
  return items;
}

void Document::append(Kind kind, const std::vector<const Item*>& items) {
  const bool fits = !stack_.empty() && stack_.back()->kind == kind;
  if (!fits || (kind == Kind::dict && items.size() % 2 != 0))
    fail("the pickle is malformed at byte ", place_);
  std::vector<const Item*>& all = stack_.back()->items;
  all.insert(all.end(), items.begin(), items.end());
}

void Document::recall(uint32_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end())
    fail("the pickle recalls value ", key, " at byte ", place_, ", which it never kept");
  stack_.push_back(found->second);
}

void Document::keep(uint32_t key) {
  memo_[key] = pop();
  recall(key);
}

void Document::reduce() {
  const Item* const arguments = pop();
  const Item* const type = pop();
  if (!is_dictionary(*type)) return push({.kind = Kind::object, .items = {type, arguments}});
  push({.kind = Kind::dict, .is_counter = type->is_global("collections\nCounter\n")});
  // A Counter's argument is a dictionary of what it counts.
  if (arguments->kind == Kind::tuple && arguments->items.empty()) return;
  if (arguments->kind != Kind::tuple || arguments->items.front()->kind != Kind::dict)
    fail("the pickle is malformed at byte ", place_, ": a dictionary made of something else");
  const std::vector<const Item*>& counted = arguments->items.front()->items;
  // Whoever copies each dictionary once copies no more than there is.
  copied_ += counted.size();
  if (copied_ > pickle_.size())
    fail("the pickle copies one dictionary again and again up to byte ", place_);
  stack_.back()->items = counted;
}

// Attributes of an object; of a dictionary they are passed over (a state_dict's _metadata).
void Document::build() {
  const std::vector<const Item*> state = pop_count(1);
  if (stack_.empty() || stack_.back()->kind != Kind::dict) append(Kind::object, state);
}

void Document::step(uint8_t opcode) {
  if (step_scalar(opcode) || step_container(opcode)) return;
  switch (opcode) {
    case 0x80:  // PROTO
      if (number<uint8_t>() != 2)
        fail("it turns to another pickle protocol than 2 at byte ", place_ - 2);
      return;
    case 'c':  // GLOBAL
      return push({.kind = Kind::global, .text = lines(2)});
    case 'Q':  // BINPERSID
      return push({.kind = Kind::persistent, .items = pop_count(1)});
    case 'q':  // BINPUT, LONG_BINPUT, BINGET, LONG_BINGET
      return keep(number<uint8_t>());
    case 'r':
      return keep(number<uint32_t>());
    case 'h':
      return recall(number<uint8_t>());
    case 'j':
      return recall(number<uint32_t>());
    case 'R':   // REDUCE
    case 0x81:  // NEWOBJ
      return reduce();
    case 'b':  // BUILD
      return build();
    default:
      fail("the pickle has opcode ", static_cast<int>(opcode), " at byte ", place_ - 1,
           ", which such files do not use");
  }
}

bool Document::step_scalar(uint8_t opcode) {
  switch (opcode) {
    case 'N':  // NONE
      return push({}), true;
    case 0x88:  // NEWTRUE, NEWFALSE
    case 0x89:
      return push({.kind = Kind::boolean, .integer = opcode == 0x88}), true;
    case 'K':  // BININT1, BININT2, BININT
      return push_integer(number<uint8_t>()), true;
    case 'M':
      return push_integer(number<uint16_t>()), true;
    case 'J':
      return push_integer(number<int32_t>()), true;
    case 0x8a:  // LONG1
      return push_integer(long_integer(number<uint8_t>())), true;
    case 'G':  // BINFLOAT
      return push({.kind = Kind::real, .real = big_endian_double()}), true;
    case 'U':  // SHORT_BINSTRING
      return push_string(number<uint8_t>()), true;
    case 'T':  // BINSTRING, BINUNICODE
    case 'X':
      return push_string(number<uint32_t>()), true;
    default:
      return false;
  }
}

bool Document::step_container(uint8_t opcode) {
  switch (opcode) {
    case '(':  // MARK
      return push({.kind = Kind::mark}), true;
    case ')':  // EMPTY_TUPLE, TUPLE, TUPLE1 to TUPLE3
      return push({.kind = Kind::tuple}), true;
    case 't':
      return push({.kind = Kind::tuple, .items = pop_to_mark()}), true;
    case 0x85:
    case 0x86:
    case 0x87:
      return push({.kind = Kind::tuple, .items = pop_count(opcode - 0x84u)}), true;
    case ']':  // EMPTY_LIST, APPEND, APPENDS
      return push({.kind = Kind::list}), true;
    case 'a':
      return append(Kind::list, pop_count(1)), true;
    case 'e':
      return append(Kind::list, pop_to_mark()), true;
    case '}':  // EMPTY_DICT, SETITEM, SETITEMS
      return push({.kind = Kind::dict}), true;
    case 's':
      return append(Kind::dict, pop_count(2)), true;
    case 'u':
      return append(Kind::dict, pop_to_mark()), true;
    default:
      return false;
  }
}

}  // namespace cuttle::pickle
