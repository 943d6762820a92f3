#include "storage.h"

#include "allocators.h"
#include "autograd/grad_mode.h"
#include "dispatch.h"
#include "stream_use.h"

namespace cuttle {

Storage::Storage(void* data, size_t bytes, Device device)
    : data_(data), bytes_(bytes), device_(device), inference_(is_inference_mode_enabled()) {}

std::shared_ptr<Storage> Storage::allocate(size_t bytes, Device device) {
  auto storage = std::make_shared<Storage>(nullptr, bytes, device);
  storage->allocator_ = &allocator_of(device);
  if (device.is_cuda()) {
    storage->stream_ = current_stream(device).handle;
    storage->pool_ = pool_of_capture();
  }
  storage->data_ = storage->allocator_->allocate(bytes, storage->stream_, storage->pool_);
  return storage;
}

std::shared_ptr<Storage> Storage::borrow(void* data, size_t bytes, Device device,
                                         std::function<void()> release) {
  auto storage = std::make_shared<Storage>(data, bytes, device);
  storage->release_ = std::move(release);
  return storage;
}

Storage::~Storage() {
  if (allocator_ != nullptr) allocator_->free(data_);
  if (release_) release_();
}

void Storage::note_use(void* stream) {
  if (stream == stream_ || stream == last_other_ || allocator_ == nullptr || data_ == nullptr)
    return;
  allocator_->note_use(data_, stream);
  last_other_ = stream;
}

}  // namespace cuttle
