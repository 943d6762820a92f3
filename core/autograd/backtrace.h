// The calls that led to a place in the program, in words.
#pragma once

#include <string>
#include <vector>

namespace cuttle {

/// The return addresses of this thread's calls, innermost first; none where the C library has no
/// backtrace().
std::vector<void*> capture_backtrace();

/// A line for each call, outermost last: "  #2 train_epoch(Model&) at train.cpp:31". Names come
/// from addr2line where it is installed, else from the dynamic linker, which knows fewer; files and
/// lines where there is debug information. Calls within this library and those that lead to main()
/// are left out.
std::string describe_backtrace(const std::vector<void*>& addresses);

}  // namespace cuttle
