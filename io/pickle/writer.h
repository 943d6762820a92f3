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

  void none() { bytes_ += 'N'; }
  void boolean(bool value) { bytes_ += value ? '\x88' : '\x89'; }
  void integer(int64_t value);
  void real(double value);
  /// Throws Error if it is not UTF-8, which Python's strings are.
  void string(std::string_view text);
  /// "module\nname\n".
  void global(std::string_view name);

  void begin() { bytes_ += '('; }
  void end_tuple() { bytes_ += 't'; }
  void empty_tuple() { bytes_ += ')'; }
  void empty_list() { bytes_ += ']'; }
  void end_list() { bytes_ += 'e'; }
  void empty_dict() { bytes_ += '}'; }
  void end_dict() { bytes_ += 'u'; }
  /// The tuple before it is an identifier.
  void persistent() { bytes_ += 'Q'; }
  /// The global before the tuple before it is called with that.
  void reduce() { bytes_ += 'R'; }

  /// The whole pickle.
  std::string finish() &&;

 private:
  template <class T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  bool recalled(const std::string& what);
  void keep(const std::string& what);

  std::string bytes_;
  std::map<std::string, uint32_t> memo_;  // where globals and strings were kept, by how they are
                                          // written
};

}  // namespace cuttle::pickle
