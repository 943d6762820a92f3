// From an address in the program's code to the line of its source.
#pragma once

#include <string>

namespace cuttle::simt {

/// "folder/file.cu:12"; empty where the program has no line table, or the machine no addr2line.
std::string source_line(const void* code);

/// The line of the kernel that a signal interrupted; `context` is the third argument of its
/// handler. Where the interpreter itself was at work, the line of the barrier or warp operation it
/// was at work for. Empty where that cannot be found out.
std::string interrupted_line(const void* context);

}  // namespace cuttle::simt
