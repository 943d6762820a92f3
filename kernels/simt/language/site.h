// A place in the source, taken where a built-in is called, so that reports can name it.
#pragma once

namespace cuttle::simt {

/// As a default argument, `Site site = Site()` is the caller's file and line. They are arguments of
/// a constructor because g++ 12 would take a braced default argument's line from the declaration.
struct Site {
  const char* file;
  int line;

  constexpr Site(const char* file_ = __builtin_FILE(), int line_ = __builtin_LINE())
      : file(file_), line(line_) {}
};

}  // namespace cuttle::simt
