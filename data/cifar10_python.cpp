// A stack machine for the few opcodes of pickle protocol 2 that Python 2 wrote these files with. A
// REDUCE makes an inert object of its class's name and arguments: the file can run no code. Nothing
// here calls itself, so a deeply nested pickle is only a long one, and length is bounded.
#include "cifar10_python.h"

#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "../io/file.h"
#include "../kernels/error.h"

namespace cuttle {
namespace {

// The official files have 31 million bytes and some 20,000 values.
constexpr uint64_t kMaxFileBytes = 64'000'000;
constexpr size_t kMaxValues = 1'000'000;

enum class Kind { none, boolean, integer, string, tuple, list, dict, global, object, mark };

// A value of the pickle. An object's items are its class, its arguments and its state.
struct Value {
  Kind kind = Kind::none;
  int64_t integer = 0;
  std::string_view text = {};  // in the file's memory; a global's is "module\nname\n"
  std::vector<Value*> items = {};

  bool is_global(std::string_view name) const { return kind == Kind::global && text == name; }
};

class PickleReader {
 public:
  explicit PickleReader(std::string_view file) : file_(file) {}

  const Value& read() {
    while (true) {
      const char opcode = take(1)[0];
      if (opcode == '.') return *pop();
      step(opcode);
    }
  }

 private:
  std::string_view take(size_t bytes) {
    if (bytes > file_.size() - place_) fail("it is cut short at byte ", file_.size());
    const std::string_view taken = file_.substr(place_, bytes);
    place_ += bytes;
    return taken;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::string_view lines(int count) {
    const size_t begin = place_;
    for (; count > 0; --count) {
      const size_t end = file_.find('\n', place_);
      if (end == std::string_view::npos) fail("it is cut short inside a name");
      place_ = end + 1;
    }
    return file_.substr(begin, place_ - begin);
  }

  void push(Value value) {
    if (values_.size() == kMaxValues) fail("it has more than ", kMaxValues, " values");
    values_.push_back(std::move(value));
    stack_.push_back(&values_.back());
  }
  void push_integer(int64_t value) { push({.kind = Kind::integer, .integer = value}); }
  Value* pop() {
    if (stack_.empty()) fail("its stack is empty at byte ", place_);
    Value* top = stack_.back();
    stack_.pop_back();
    return top;
  }
  Value& top(Kind kind) {
    if (stack_.empty() || stack_.back()->kind != kind) fail("it is malformed at byte ", place_);
    return *stack_.back();
  }
  std::vector<Value*> pop_count(size_t count) {
    std::vector<Value*> items(count);
    for (size_t i = count; i > 0; --i) items[i - 1] = pop();
    return items;
  }
  std::vector<Value*> pop_to_mark() {
    size_t count = 0;
    while (count < stack_.size() && stack_[stack_.size() - 1 - count]->kind != Kind::mark) ++count;
    std::vector<Value*> items = pop_count(count);
    pop();  // the mark; an empty stack has none
    return items;
  }
  void append(Kind kind, const std::vector<Value*>& items) {
    std::vector<Value*>& all = top(kind).items;
    all.insert(all.end(), items.begin(), items.end());
  }
  void recall(uint32_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail("it recalls value ", key, ", which it never kept");
    stack_.push_back(found->second);
  }
  void keep(uint32_t key) {
    memo_[key] = pop();
    recall(key);
  }
  void reduce() {
    Value* arguments = pop();
    Value* type = pop();
    push({.kind = Kind::object, .items = {type, arguments}});
  }

  void step(char opcode);

  std::string_view file_;
  size_t place_ = 0;
  std::deque<Value> values_;  // owns all, so that the pointers stay good
  std::vector<Value*> stack_;
  std::map<uint32_t, Value*> memo_;
};

void PickleReader::step(char opcode) {
  switch (opcode) {
    case '\x80':  // PROTO
      if (take(1)[0] != 2) fail("it is not of pickle protocol 2");
      return;
    case '(':
      return push({.kind = Kind::mark});
    case 'N':
      return push({});
    case '\x88':
      return push({.kind = Kind::boolean, .integer = 1});
    case '\x89':
      return push({.kind = Kind::boolean, .integer = 0});
    case 'K':
      return push_integer(number<uint8_t>());
    case 'M':
      return push_integer(number<uint16_t>());
    case 'J':
      return push_integer(number<int32_t>());
    case 'U':
      return push({.kind = Kind::string, .text = take(number<uint8_t>())});
    case 'T':  // BINSTRING
    case 'X':  // BINUNICODE
      return push({.kind = Kind::string, .text = take(number<uint32_t>())});
    case 'c':
      return push({.kind = Kind::global, .text = lines(2)});
    case ')':
      return push({.kind = Kind::tuple});
    case 't':
      return push({.kind = Kind::tuple, .items = pop_to_mark()});
    case '\x85':
      return push({.kind = Kind::tuple, .items = pop_count(1)});
    case '\x86':
      return push({.kind = Kind::tuple, .items = pop_count(2)});
    case '\x87':
      return push({.kind = Kind::tuple, .items = pop_count(3)});
    case ']':
      return push({.kind = Kind::list});
    case 'a':
      return append(Kind::list, pop_count(1));
    case 'e':
      return append(Kind::list, pop_to_mark());
    case '}':
      return push({.kind = Kind::dict});
    case 's':
      return append(Kind::dict, pop_count(2));
    case 'u':
      return append(Kind::dict, pop_to_mark());
    case 'q':
      return keep(number<uint8_t>());
    case 'r':
      return keep(number<uint32_t>());
    case 'h':
      return recall(number<uint8_t>());
    case 'j':
      return recall(number<uint32_t>());
    case 'R':
      return reduce();
    case 'b':
      return append(Kind::object, pop_count(1));  // BUILD
    default:
      fail("it has opcode ", static_cast<int>(static_cast<uint8_t>(opcode)), " at byte ",
           place_ - 1, ", which these files do not use");
  }
}

const Value& item(const Value& value, Kind kind, size_t index) {
  if (index >= value.items.size() || value.items[index]->kind != kind) {
    fail("it is not laid out as a CIFAR-10 batch");
  }
  return *value.items[index];
}

const Value& entry(const Value& dict, std::string_view key, Kind kind) {
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    if (dict.items[i]->kind == Kind::string && dict.items[i]->text == key) {
      return item(dict, kind, i + 1);
    }
  }
  fail("it has no entry \"", key, "\"");
}

// The bytes of a pickled ndarray (N, 3072) of uint8 in row-major order. Its state is
// (version, shape, dtype, is_fortran, bytes).
std::vector<uint8_t> array_bytes(const Value& array) {
  if (!item(array, Kind::global, 0).is_global("numpy.core.multiarray\n_reconstruct\n")) {
    fail("its data is not a NumPy array");
  }
  const Value& state = item(array, Kind::tuple, 2);
  const Value& shape = item(state, Kind::tuple, 1);
  const Value& dtype = item(state, Kind::object, 2);
  const std::string_view code = item(item(dtype, Kind::tuple, 1), Kind::string, 0).text;
  const std::string_view bytes = item(state, Kind::string, 4).text;
  const int64_t rows = item(shape, Kind::integer, 0).integer;
  const int64_t columns = item(shape, Kind::integer, 1).integer;
  if (code != "u1" || item(state, Kind::boolean, 3).integer != 0 || shape.items.size() != 2 ||
      columns != 3072 || rows < 0 || static_cast<uint64_t>(rows) * 3072 != bytes.size()) {
    fail("its data is not a row-major uint8 array of rows of 3072");
  }
  return {bytes.begin(), bytes.end()};
}

}  // namespace

PythonBatch read_python_batch(const std::filesystem::path& path) {
  try {
    const File file = File::open_for_reading(path);
    const uint64_t bytes = file.size();
    if (bytes > kMaxFileBytes) fail("it has ", bytes, " bytes, more than a CIFAR-10 batch");
    std::string contents(bytes, '\0');
    file.read_at(0, contents.data(), contents.size());
    PickleReader reader(contents);
    const Value& dict = reader.read();
    if (dict.kind != Kind::dict) fail("it does not hold a dictionary");
    PythonBatch batch;
    batch.planes = array_bytes(entry(dict, "data", Kind::object));
    const Value& labels = entry(dict, "labels", Kind::list);
    for (size_t i = 0; i < labels.items.size(); ++i) {
      batch.labels.push_back(item(labels, Kind::integer, i).integer);
    }
    return batch;
  } catch (const Error& error) {
    fail("CIFAR10: cannot read ", path.string(), ": ", error.what());
  }
}

}  // namespace cuttle
