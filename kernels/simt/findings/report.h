// Findings: what is wrong with a kernel or a host program, told with the place, and the end of the
// program. It ends by abort(), so that a debugger stops where the fault is.
#pragma once

#include <sstream>
#include <string>

#include "../language/site.h"

namespace cuttle::simt {

/// Prints the sentence, then kernel, block and thread if one runs, and how to see it again; aborts.
[[noreturn]] void stop_with_report(const std::string& sentence);

/// The same from parts, written one after the other.
template <class... Parts>
[[noreturn]] void report(const Parts&... parts) {
  std::ostringstream sentence;
  (sentence << ... << parts);
  stop_with_report(sentence.str());
}

inline std::ostream& operator<<(std::ostream& out, Site site) {
  return out << site.file << ":" << site.line;
}

/// "in kernel add(float*), block (0,0,0), thread (3,0,0)"; empty when no kernel runs.
std::string where_am_i();

}  // namespace cuttle::simt
