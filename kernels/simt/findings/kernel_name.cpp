// Kernels mostly have internal linkage, so the dynamic linker does not know them: this reads the
// full symbol table (.symtab) of the file that holds the address.
#include "kernel_name.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <vector>

namespace cuttle::simt {

namespace {

std::vector<char> read_file(const char* path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<char> bytes(file ? static_cast<size_t>(file.tellg()) : 0);  // 100 MB and more
  file.seekg(0);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file) bytes.clear();
  return bytes;
}

/// The linker's name of the function that starts at `offset` in the ELF file; empty if none does.
std::string symbol_at(const std::vector<char>& file, uint64_t offset) {
  if (file.size() < sizeof(ElfW(Ehdr))) return "";
  const auto& header = *reinterpret_cast<const ElfW(Ehdr)*>(file.data());
  const auto* sections = reinterpret_cast<const ElfW(Shdr)*>(file.data() + header.e_shoff);
  for (int s = 0; s < header.e_shnum; ++s) {
    if (sections[s].sh_type != SHT_SYMTAB && sections[s].sh_type != SHT_DYNSYM) continue;
    const char* names = file.data() + sections[sections[s].sh_link].sh_offset;
    const auto* symbols = reinterpret_cast<const ElfW(Sym)*>(file.data() + sections[s].sh_offset);
    const size_t count = sections[s].sh_size / sizeof(ElfW(Sym));
    for (size_t i = 0; i < count; ++i) {
      const bool function = (symbols[i].st_info & 0xf) == STT_FUNC;
      if (function && symbols[i].st_value == offset) return names + symbols[i].st_name;
    }
  }
  return "";
}

std::string demangle(const std::string& symbol) {
  int status = 0;
  std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 ? std::string(text.get()) : symbol;
}

std::string look_up(const void* kernel) {
  std::ostringstream fallback;
  fallback << "at address " << kernel;
  Dl_info info{};
  if (!dladdr(kernel, &info)) return fallback.str();
  const auto address = reinterpret_cast<uintptr_t>(kernel);
  const auto base = reinterpret_cast<uintptr_t>(info.dli_fbase);
  // The program itself may have been started by a relative path; a position-dependent one has
  // absolute addresses in its table.
  std::vector<char> file = read_file(info.dli_fname);
  if (file.empty()) file = read_file("/proc/self/exe");
  std::string symbol = symbol_at(file, address - base);
  if (symbol.empty()) symbol = symbol_at(file, address);
  return symbol.empty() ? fallback.str() : demangle(symbol);
}

}  // namespace

const std::string& kernel_name(const void* kernel) {
  static std::mutex mutex;
  static std::map<const void*, std::string> known;
  const std::lock_guard lock(mutex);
  const auto [entry, is_new] = known.try_emplace(kernel);
  if (is_new) entry->second = look_up(kernel);
  return entry->second;
}

}  // namespace cuttle::simt
