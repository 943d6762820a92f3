// A library that may or may not be there, and its functions by name. What `cuttle doctor` asks
// about is loaded so, never linked: the doctor has to start where it is missing.
#pragma once

#include <string>

#include "facts.h"

namespace cuttle::doctor {

class SharedLibrary {
 public:
  /// Looks for `name` as the loader does for a program in this one's folder. Never unloaded, for a
  /// driver does not survive that.
  explicit SharedLibrary(const std::string& name);

  /// What was found: name, path, and the loader's words. The version is for the caller to ask.
  const Library& library() const { return library_; }

  /// Calls a C function by its name; `otherwise` where the library or the function is missing.
  template <class Result, class... Arguments>
  Result call(Result otherwise, const char* function, Arguments... arguments) const {
    void* const address = find(function);
    return address == nullptr ? otherwise
                              : reinterpret_cast<Result (*)(Arguments...)>(address)(arguments...);
  }

 private:
  void* find(const char* function) const;

  Library library_;
  void* handle_ = nullptr;
};

}  // namespace cuttle::doctor
