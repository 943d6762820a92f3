// Asks addr2line, which comes with every compiler.
#include "source_line.h"

#include <dlfcn.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <sstream>

#include "../execution/multiprocessor.h"
#include "report.h"

namespace cuttle::simt {

namespace {

const void* program_counter([[maybe_unused]] const void* context) {
#if defined(__x86_64__)
  const auto* registers = static_cast<const ucontext_t*>(context)->uc_mcontext.gregs;
  return reinterpret_cast<const void*>(registers[REG_RIP]);
#elif defined(__aarch64__)
  return reinterpret_cast<const void*>(static_cast<const ucontext_t*>(context)->uc_mcontext.pc);
#else
  return nullptr;
#endif
}

// The program or shared library that the code belongs to.
const void* module_of(const void* code) {
  Dl_info info{};
  return code && dladdr(code, &info) ? info.dli_fbase : nullptr;
}

}  // namespace

std::string source_line(const void* code) {
  Dl_info info{};
  if (!code || !dladdr(code, &info)) return "";
  const auto offset = static_cast<const char*>(code) - static_cast<const char*>(info.dli_fbase);
  std::ostringstream command;
  command << "addr2line -e '";
  if (info.dli_fname[0] == '/') {
    command << info.dli_fname;
  } else {  // the program itself, started by a relative path
    command << "/proc/" << getpid() << "/exe";
  }
  command << "' 0x" << std::hex << offset << " 2>/dev/null";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.str().c_str(), "r"),
                                                             pclose);
  char line[512] = "";
  if (!pipe || !std::fgets(line, sizeof line, pipe.get())) return "";
  const std::string text(line);
  if (text.rfind("??", 0) == 0) return "";
  return text.substr(0, text.find_first_of(" \n"));
}

std::string interrupted_line(const void* context) {
  const Multiprocessor& running = *Multiprocessor::current();
  const void* code = program_counter(context);
  if (module_of(code) == module_of(running.launch().kernel)) {  // not in the C library
    const std::string line = source_line(code);
    if (!line.empty() && line.find("/kernels/simt/") == std::string::npos) return line;
  }
  const Site waited_at = running.running().site;
  if (waited_at.line == 0) return "";
  std::ostringstream text;
  text << waited_at;
  return text.str();
}

}  // namespace cuttle::simt
