#include "data_root.h"

#include <cstdlib>

namespace cuttle {

std::filesystem::path data_root() {
  const char* folder = std::getenv("CUTTLE_DATA");
  return folder != nullptr && *folder != '\0' ? folder : "data";
}

}  // namespace cuttle
