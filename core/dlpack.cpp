#include "dlpack.h"

#include <memory>
#include <utility>

#include "creation.h"
#include "dlpack_abi.h"
#include "stream_use.h"
#include "tensor_impl.h"

namespace cuttle {
namespace {

using namespace dlpack;

constexpr std::pair<DType, DLDataType> kTypes[] = {
    {float32, {kFloat, 32, 1}},   {float64, {kFloat, 64, 1}}, {float16, {kFloat, 16, 1}},
    {bfloat16, {kBfloat, 16, 1}}, {int64, {kInt, 64, 1}},     {int32, {kInt, 32, 1}},
    {int16, {kInt, 16, 1}},       {int8, {kInt, 8, 1}},       {uint8, {kUInt, 8, 1}},
    {boolean, {kBool, 8, 1}},
};

// What a consumer holds: the description, and the tensor whose memory it is.
template <class Managed>
struct Exported {
  Managed managed{};
  Tensor tensor;
  Shape shape;
  Strides strides;
};

template <class Managed>
Managed* exported(const Tensor& tensor) {
  if (!tensor.defined()) fail("to_dlpack: the tensor is undefined");
  if (tensor.requires_grad())
    fail("to_dlpack: a tensor that requires a gradient cannot be written by others; detach() it");
  auto held = std::make_unique<Exported<Managed>>();
  held->tensor = tensor;
  held->shape = tensor.shape();
  held->strides = tensor.strides();
  DLTensor& out = held->managed.dl_tensor;
  out.data = tensor.raw_data();
  out.device = {tensor.is_cuda() ? kCuda : kCpu, tensor.device().index()};
  out.ndim = tensor.dim();
  for (const auto& [dtype, type] : kTypes)
    if (dtype == tensor.dtype()) out.dtype = type;
  out.shape = held->shape.begin();
  out.strides = held->strides.begin();
  held->managed.manager_ctx = held.get();
  held->managed.deleter = [](Managed* self) {
    const std::unique_ptr<Exported<Managed>> last(
        static_cast<Exported<Managed>*>(self->manager_ctx));
  };
  return &held.release()->managed;
}

DType dtype_of_type(const DLDataType& type) {
  if (type.lanes != 1)
    fail("from_dlpack: elements of ", type.lanes,
         " lanes are vectors; give them a dimension instead");
  for (const auto& [dtype, known] : kTypes)
    if (known.code == type.code && known.bits == type.bits) return dtype;
  fail("from_dlpack: there is no dtype of code ", int{type.code}, " and ", int{type.bits},
       " bits here; convert it in the library that it comes from");
}

Device device_of(const DLDevice& device) {
  if (device.device_type == kCpu) return {};
  if (device.device_type == kCuda) return Device(DeviceType::cuda, device.device_id);
  fail("from_dlpack: a tensor on a device of type ", device.device_type,
       " cannot be used here; move it to the CPU (1) or to CUDA (2) first");
}

// A tensor on this memory, which `release` gives back.
Tensor imported(const DLTensor& in, std::function<void()> release) {
  const DType dtype = dtype_of_type(in.dtype);
  const Device device = device_of(in.device);
  if (in.ndim < 0 || in.ndim > kMaxRank)
    fail("from_dlpack: got ", in.ndim, " dimensions; there can be ", kMaxRank, " at most");
  const Shape shape(std::span<const int64_t>(in.shape, static_cast<size_t>(in.ndim)));
  auto* data = static_cast<std::byte*>(in.data) + in.byte_offset;
  if (reinterpret_cast<uintptr_t>(data) % element_size(dtype) != 0)
    fail("from_dlpack: the memory does not begin at a multiple of ", element_size(dtype),
         " bytes, the size of ", dtype, "; copy it in the library that it comes from");
  const Strides strides =
      in.strides == nullptr || shape.numel() == 0
          ? dense_strides(shape)
          : Strides(std::span<const int64_t>(in.strides, static_cast<size_t>(in.ndim)));
  return from_blob(data, shape, strides, {.dtype = dtype, .device = device}, std::move(release));
}

// Until no stream uses the memory any more.
void wait_for([[maybe_unused]] const DLDevice& device) {
#if defined(CUTTLE_CUDA)
  if (device.device_type != kCuda) return;
  try {
    synchronize_streams(Device(DeviceType::cuda, device.device_id));
  } catch (const Error&) {  // of kernels before; the memory is given back all the same
  }
#endif
}

template <class Managed>
Tensor taken_over(Managed* managed) {
  if (managed == nullptr) fail("from_dlpack: got a null pointer");
  const DLTensor& in = managed->dl_tensor;
  return imported(in, [managed, device = in.device] {
    wait_for(device);
    if (managed->deleter != nullptr) managed->deleter(managed);
  });
}

}  // namespace

DLManagedTensor* to_dlpack(const Tensor& tensor) {
  return exported<DLManagedTensor>(tensor);
}

DLManagedTensorVersioned* to_dlpack_versioned(const Tensor& tensor) {
  auto* managed = exported<DLManagedTensorVersioned>(tensor);
  managed->version = {1, 0};
  return managed;
}

Tensor from_dlpack(DLManagedTensor* managed) {
  return taken_over(managed);
}

Tensor from_dlpack(DLManagedTensorVersioned* managed) {
  if (managed != nullptr && managed->version.major > 1)
    fail("from_dlpack: version ", managed->version.major, " of DLPack is not known here; 1 is");
  if (managed != nullptr && (managed->flags & kReadOnly) != 0)
    fail("from_dlpack: this memory may only be read, and tensors can be written; copy it first");
  return taken_over(managed);
}

}  // namespace cuttle
