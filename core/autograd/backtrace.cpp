#include "backtrace.h"

#include <dlfcn.h>
#include <unistd.h>
#if __has_include(<execinfo.h>)
#include <execinfo.h>
#endif

#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <sstream>

#include "../class_name.h"

namespace cuttle {
namespace {

constexpr int kMaxFrames = 64;

struct Call {
  std::string function;  // "" where nothing is known
  std::string place;     // "file:line", or ""
};

std::string read_line(std::FILE* file) {
  std::string line;
  for (int c = std::fgetc(file); c != EOF && c != '\n'; c = std::fgetc(file))
    line += static_cast<char>(c);
  return line;
}

std::string without_folders(const std::string& place) {
  return place.substr(place.find_last_of('/') + 1);
}

// Asks addr2line about addresses of one file, two lines each: function, file:line.
std::vector<Call> ask_addr2line(const std::string& file, const std::vector<uintptr_t>& offsets) {
  std::ostringstream command;
  command << "addr2line -f -C -e '" << file << "'" << std::hex;
  for (const uintptr_t offset : offsets) command << " 0x" << offset;
  command << " 2>/dev/null";
  std::vector<Call> calls(offsets.size());
  if (file.find('\'') != std::string::npos) return calls;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.str().c_str(), "r"),
                                                             pclose);
  if (!pipe) return calls;
  for (Call& call : calls) {
    call.function = read_line(pipe.get());
    call.place = without_folders(read_line(pipe.get()));
    if (call.function.starts_with("??")) call.function.clear();
    if (call.place.starts_with("??")) call.place.clear();
    call.place = call.place.substr(0, call.place.find(" ("));  // "(discriminator 2)"
    if (call.place.ends_with(":?")) call.place.clear();
  }
  return calls;
}

std::vector<Call> look_up(const std::vector<void*>& addresses) {
  struct File {
    std::vector<size_t> which;
    std::vector<uintptr_t> offsets;
  };
  std::map<std::string, File> files;
  std::vector<Call> calls(addresses.size());
  for (size_t i = 0; i < addresses.size(); ++i) {
    Dl_info info{};
    if (dladdr(addresses[i], &info) == 0) continue;
    if (info.dli_sname) calls[i].function = demangled(info.dli_sname);
    const std::string name =
        info.dli_fname[0] == '/' ? info.dli_fname : "/proc/" + std::to_string(getpid()) + "/exe";
    // The call stands before the address that it returns to.
    const auto address = reinterpret_cast<uintptr_t>(addresses[i]) - 1;
    files[name].which.push_back(i);
    files[name].offsets.push_back(address - reinterpret_cast<uintptr_t>(info.dli_fbase));
  }
  for (const auto& [name, file] : files) {
    const std::vector<Call> found = ask_addr2line(name, file.offsets);
    for (size_t i = 0; i < found.size(); ++i)
      if (!found[i].function.empty()) calls[file.which[i]] = found[i];
  }
  return calls;
}

// Nobody looks for his mistake there.
bool is_plumbing(const std::string& function) {
  for (const char* prefix :
       {"cuttle::Node::", "cuttle::JointNode::", "cuttle::record", "cuttle::put_on_tape",
        "cuttle::(anonymous namespace)::make_node", "cuttle::capture_backtrace",
        "cuttle::Tensor cuttle::", "std::", "void std::", "cuttle::Module::", "__gnu_cxx::",
        "void __gnu_cxx::", "decltype", "_start", "__libc_start"})
    if (function.starts_with(prefix)) return true;
  return function.empty();
}

}  // namespace

std::vector<void*> capture_backtrace() {
#if __has_include(<execinfo.h>)
  std::array<void*, kMaxFrames> frames{};
  const int count = ::backtrace(frames.data(), kMaxFrames);
  return std::vector<void*>(frames.begin(), frames.begin() + count);  // not a list of two
#else
  return {};
#endif
}

std::string describe_backtrace(const std::vector<void*>& addresses) {
  std::string text;
  int number = 0;
  for (const Call& call : look_up(addresses)) {
    if (is_plumbing(call.function)) continue;
    text += "\n  #" + std::to_string(number++) + " " + call.function;
    if (!call.place.empty()) text += " at " + call.place;
    if (call.function == "main") break;
  }
  return text;
}

}  // namespace cuttle
