// Writes pickles of protocol 2 in the opcodes that PyTorch's restricted reader takes. Internal to
// io.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace cuttle::pickle {

/// What is put there comes in Python's order: a tuple is begin(), its items, end_tuple(); a list
/// empty_list(), begin(), its items, end_list(); a dictionary likewise, key and value in turn.
class Writer {
 public:
  Writer() { bytes_ = "\x80\x02"; }

  void none() { item('N'); }
  void boolean(bool value) { item(value ? '\x88' : '\x89'); }
  void integer(int64_t value);
  void real(double value);
  /// Throws Error if it is not UTF-8, which Python's strings are.
  void string(std::string_view text);
  /// "module\nname\n".
  void global(std::string_view name);

  void begin() { item('('); }
  void end_tuple() { item('t'); }
  void empty_tuple() { item(')'); }
  void empty_list() { item(']'); }
  void end_list() { bytes_ += 'e'; }
  void empty_dict() { item('}'); }
  void end_dict() { bytes_ += 'u'; }
  /// The tuple before it is an identifier.
  void persistent() { item('Q'); }
  /// The global before the tuple before it is called with that.
  void reduce() { item('R'); }

  /// How many items a reader of it makes at most.
  size_t items() const noexcept { return items_; }
  /// The whole pickle.
  std::string finish() &&;

 private:
  template <class T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  void item(char opcode) {
    bytes_ += opcode;
    ++items_;
  }
  bool recalled(const std::string& what);
  void keep(const std::string& what);

  std::string bytes_;
  size_t items_ = 0;
  std::map<std::string, uint32_t> memo_;  // where globals and strings were kept, by how they are
                                          // written
};

}  // namespace cuttle::pickle
