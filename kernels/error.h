// The exceptions of the whole library, here because kernels, its lowest floor, throw them too.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cuttle {

/// Every error a user can cause or meet: one sentence with the operation, the shapes, dtypes and
/// devices involved, and where it is known the probable mend.
class Error : public std::exception {
 public:
  explicit Error(std::string sentence) : sentence_(std::move(sentence)), what_(sentence_) {}

  const char* what() const noexcept override { return what_.c_str(); }

  /// Puts the name of the enclosing module in front: "model.0.conv1 (Conv2d): conv2d: expected…".
  void prepend_module(std::string_view name, std::string_view type) {
    if (path_.empty()) {
      type_ = type;
      path_ = name;
    } else if (!name.empty()) {
      path_ = std::string(name) + "." + path_;
    }
    what_ = (path_.empty() ? type_ : path_ + " (" + type_ + ")") + ": " + sentence_;
  }

 private:
  std::string sentence_;
  std::string path_;
  std::string type_;
  std::string what_;
};

/// Device or host memory ran out; nothing was changed.
class OutOfMemoryError : public Error {
 public:
  using Error::Error;
};

/// Throws Error with the parts written one after the other, as `std::ostream` prints them.
/// Cold: the compiler keeps what leads to it away from the code that runs.
template <class... Parts>
[[noreturn, gnu::cold]] void fail(const Parts&... parts) {
  std::ostringstream sentence;
  (sentence << ... << parts);
  throw Error(sentence.str());
}

}  // namespace cuttle
