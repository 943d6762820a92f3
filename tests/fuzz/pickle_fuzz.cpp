// Pickles. An input that begins with the first byte of a pickle is one as it is; any other is its
// opcodes, without its beginning and end. Items stay within the pickle and their number within its
// length, and what can be written is read again as the same.
#include <cuttle/io/pickle/reader.h>
#include <cuttle/io/pickle/writer.h>

#include <cstring>
#include <set>

#include "input.h"

namespace {

using namespace cuttle;
using pickle::Item;
using pickle::Kind;

constexpr size_t kMaxItems = 5000;

void expect_within(const Item& root, std::string_view pickle) {
  std::set<const Item*> seen = {&root};
  std::vector<const Item*> next = {&root};
  size_t pointers = 0;
  while (!next.empty()) {
    const Item& item = *next.back();
    next.pop_back();
    fuzz::require(item.place <= pickle.size(), "an item's place is in the pickle");
    fuzz::require(
        item.text.empty() || (item.text.data() >= pickle.data() &&
                              item.text.data() + item.text.size() <= pickle.data() + pickle.size()),
        "its text is in the pickle");
    fuzz::require(item.kind != Kind::dict || item.items.size() % 2 == 0, "keys have values");
    fuzz::require(item.kind != Kind::object || item.items.size() >= 2, "objects have arguments");
    pointers += item.items.size();
    for (const Item* const part : item.items)
      if (seen.insert(part).second) next.push_back(part);
  }
  fuzz::require(seen.size() <= kMaxItems && seen.size() <= pickle.size(), "items are bounded");
  fuzz::require(pointers <= 3 * pickle.size(), "what they hold is bounded");
}

// Writes items, as long as they are few, not deep, and of kinds that are written.
class Copier {
 public:
  bool copy(const Item& item, int depth = 0);
  std::string finish() { return std::move(out_).finish(); }

 private:
  bool copy_all(const Item& item, int depth) {
    for (const Item* const part : item.items)
      if (!copy(*part, depth + 1)) return false;
    return true;
  }

  pickle::Writer out_;
  size_t count_ = 0;
};

bool Copier::copy(const Item& item, int depth) {
  if (depth > 50 || ++count_ > kMaxItems) return false;
  switch (item.kind) {
    case Kind::none:
      return out_.none(), true;
    case Kind::boolean:
      return out_.boolean(item.integer != 0), true;
    case Kind::integer:
      return out_.integer(item.integer), true;
    case Kind::real:
      return out_.real(item.real), true;
    case Kind::string:
      return fuzz::accepted([&] { out_.string(item.text); });
    case Kind::global:
      return out_.global(item.text), true;
    case Kind::mark:
      return false;
    case Kind::persistent:
      if (!copy_all(item, depth)) return false;
      return out_.persistent(), true;
    case Kind::object:  // what an object was built with is not written
      if (item.items.size() > 2 || !copy_all(item, depth)) return false;
      return out_.reduce(), true;
    default:
      break;
  }
  if (item.kind == Kind::list) out_.empty_list();
  if (item.kind == Kind::dict) out_.empty_dict();
  out_.begin();
  if (!copy_all(item, depth)) return false;
  if (item.kind == Kind::tuple) out_.end_tuple();
  if (item.kind == Kind::list) out_.end_list();
  if (item.kind == Kind::dict) out_.end_dict();
  return true;
}

bool are_equal(const Item& a, const Item& b) {
  if (a.kind != b.kind || a.integer != b.integer || a.text != b.text ||
      std::memcmp(&a.real, &b.real, sizeof(double)) != 0 || a.items.size() != b.items.size())
    return false;
  for (size_t i = 0; i < a.items.size(); ++i)
    if (!are_equal(*a.items[i], *b.items[i])) return false;
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string pickle(reinterpret_cast<const char*>(data), size);
  if (!pickle.starts_with('\x80')) pickle = "\x80\x02" + pickle + ".";
  fuzz::accepted([&] {
    const pickle::Document document(pickle, kMaxItems);
    expect_within(document.root(), pickle);
    Copier copier;
    if (!copier.copy(document.root())) return;
    const std::string written = copier.finish();
    const bool read = fuzz::accepted([&] {
      const pickle::Document again(written, 2 * kMaxItems);
      fuzz::require(are_equal(document.root(), again.root()), "the items stay");
    });
    fuzz::require(read, "what was written is read");
  });
  return 0;
}
