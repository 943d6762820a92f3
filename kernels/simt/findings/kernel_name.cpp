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
#include <string>
#include <unordered_map>
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

/// The functions of an ELF file by where they start. Programs with all kernels in them have a
/// hundred thousand, so the file is read once.
class Functions {
 public:
  explicit Functions(const std::vector<char>& file) {
    if (file.size() < sizeof(ElfW(Ehdr))) return;
    const auto& header = *reinterpret_cast<const ElfW(Ehdr)*>(file.data());
    const auto* sections = reinterpret_cast<const ElfW(Shdr)*>(file.data() + header.e_shoff);
    for (int s = 0; s < header.e_shnum; ++s)
      if (sections[s].sh_type == SHT_SYMTAB || sections[s].sh_type == SHT_DYNSYM)
        add(file, sections[s], sections[sections[s].sh_link]);
  }

  /// The linker's name of the function that starts there; empty if none does.
  std::string starting_at(uint64_t offset) const {
    const auto found = names_.find(offset);
    return found == names_.end() ? "" : text_.data() + found->second;
  }

 private:
  void add(const std::vector<char>& file, const ElfW(Shdr) & table, const ElfW(Shdr) & names) {
    const auto* symbols = reinterpret_cast<const ElfW(Sym)*>(file.data() + table.sh_offset);
    const size_t count = table.sh_size / sizeof(ElfW(Sym)), first = text_.size();
    for (size_t i = 0; i < count; ++i)
      if ((symbols[i].st_info & 0xf) == STT_FUNC)
        names_.try_emplace(symbols[i].st_value, first + symbols[i].st_name);
    const char* const text = file.data() + names.sh_offset;
    text_.insert(text_.end(), text, text + names.sh_size);
  }

  std::unordered_map<uint64_t, size_t> names_;  // where in text_
  std::vector<char> text_;
};

const Functions& functions_of(const std::string& path) {
  static std::map<std::string, Functions> known;
  const auto found = known.find(path);
  if (found != known.end()) return found->second;
  // The program itself may have been started by a relative path.
  std::vector<char> file = read_file(path.c_str());
  if (file.empty()) file = read_file("/proc/self/exe");
  return known.emplace(path, Functions(file)).first->second;
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
  const Functions& functions = functions_of(info.dli_fname);
  std::string symbol = functions.starting_at(address - base);
  // A position-dependent program has absolute addresses in its table.
  if (symbol.empty()) symbol = functions.starting_at(address);
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
