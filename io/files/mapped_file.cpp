// MappedFile on mmap.
#include "mapped_file.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "../../kernels/error.h"

namespace cuttle {

MappedFile::MappedFile(const File& file) : size_(file.size()) {
  if (size_ == 0) return;
  void* const memory =
      ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.descriptor(), 0);
  if (memory == MAP_FAILED)
    fail("cannot map ", file.path().string(), " into memory: ", std::strerror(errno),
         "; load it without mmap");
  data_ = static_cast<uint8_t*>(memory);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

}  // namespace cuttle
