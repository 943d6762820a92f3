#include "shared_library.h"

#include <dlfcn.h>
#include <link.h>

#include <filesystem>

namespace cuttle::doctor {

SharedLibrary::SharedLibrary(const std::string& name) : library_{.name = name} {
  if (name.empty()) return;
  handle_ = ::dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (handle_ == nullptr) {
    library_.error = ::dlerror();
    return;
  }
  link_map* map = nullptr;
  if (::dlinfo(handle_, RTLD_DI_LINKMAP, &map) != 0 || map == nullptr) return;
  // Behind the links, where the file's name has the version.
  std::error_code unreadable;
  library_.path = std::filesystem::canonical(map->l_name, unreadable).string();
  if (unreadable) library_.path = map->l_name;
}

void* SharedLibrary::find(const char* function) const {
  return handle_ == nullptr ? nullptr : ::dlsym(handle_, function);
}

}  // namespace cuttle::doctor
