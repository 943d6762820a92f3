// What the readers and writers of files call of tensors, on memory of exactly the bytes that were
// asked for: so the address sanitizer sees each step beyond them, which the library's caching
// allocator would hide, and no more of the library has to be built.
#include <cuttle/core/storage.h>
#include <cuttle/core/tensor.h>
#include <cuttle/core/tensor_impl.h>

#include <cstring>

#include "input.h"

namespace cuttle {

Storage::Storage(void* data, size_t bytes, Device device)
    : data_(data), bytes_(bytes), device_(device), inference_(false) {}

std::shared_ptr<Storage> Storage::allocate(size_t bytes, Device device) {
  auto* const memory = bytes == 0 ? nullptr : new uint8_t[bytes];
  return borrow(memory, bytes, device, [memory] { delete[] memory; });
}

std::shared_ptr<Storage> Storage::borrow(void* data, size_t bytes, Device device,
                                         std::function<void()> release) {
  auto storage = std::make_shared<Storage>(data, bytes, device);
  storage->release_ = std::move(release);
  return storage;
}

Storage::~Storage() {
  if (release_) release_();
}

Tensor make_tensor(std::shared_ptr<Storage> storage, const Shape& shape, const Strides& strides,
                   int64_t offset, DType dtype) {
  auto impl = std::make_shared<TensorImpl>();
  impl->storage = std::move(storage);
  impl->offset = offset;
  impl->shape = shape;
  impl->strides = strides;
  impl->numel = shape.numel();
  impl->dtype = dtype;
  return Tensor(std::move(impl));
}

void GradientHooksSlot::destroy(const GradientHooks* /*hooks*/) {
  fuzz::require(false, "files bring no hooks");
}

void Tensor::refuse_undefined() {
  fuzz::require(false, "files bring no undefined tensors");
  std::abort();
}

int64_t Tensor::numel() const {
  return impl().numel;
}
DType Tensor::dtype() const {
  return impl().dtype;
}
void* Tensor::raw_data() const {
  auto* const start = static_cast<char*>(impl().storage->data());
  return start == nullptr ? nullptr
                          : start + impl().offset * static_cast<int64_t>(element_size(dtype()));
}
Tensor Tensor::detach() const {
  return *this;
}
Tensor Tensor::to(const Device& /*device*/) const {
  return *this;
}

Tensor Tensor::contiguous(MemoryFormat /*format*/) const {
  const TensorImpl& from = impl();
  const size_t size = element_size(from.dtype);
  const Tensor to = make_tensor(Storage::allocate(static_cast<size_t>(from.numel) * size, Device()),
                                from.shape, dense_strides(from.shape), 0, from.dtype);
  for (int64_t i = 0; i < from.numel; ++i) {
    int64_t rest = i, place = 0;
    for (int d = from.shape.size(); d-- > 0; rest /= from.shape[d])
      place += rest % from.shape[d] * from.strides[d];
    std::memcpy(static_cast<char*>(to.raw_data()) + static_cast<size_t>(i) * size,
                static_cast<const char*>(raw_data()) + place * static_cast<int64_t>(size), size);
  }
  return to;
}

Scalar Tensor::item_scalar() const {
  fuzz::require(false, "no value of a tensor is asked for");
  std::abort();
}

}  // namespace cuttle
