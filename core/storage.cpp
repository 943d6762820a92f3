#include "storage.h"

#include "allocators.h"

namespace cuttle {

std::shared_ptr<Storage> Storage::allocate(size_t bytes, Device device) {
  CachingAllocator& allocator = allocator_of(device);
  void* const data = allocator.allocate(bytes);
  return std::make_shared<Storage>(data, bytes, device,
                                   [&allocator, data] { allocator.free(data); });
}

std::shared_ptr<Storage> Storage::borrow(void* data, size_t bytes, Device device,
                                         std::function<void()> release) {
  return std::make_shared<Storage>(data, bytes, device, std::move(release));
}

Storage::~Storage() {
  if (release_) release_();
}

}  // namespace cuttle
