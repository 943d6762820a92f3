// The C structures of DLPack (github.com/dmlc/dlpack), which libraries agree on: plain facts,
// written down here so that nothing needs to be installed. Not to be included beside dlpack.h.
#pragma once

#include <cstdint>

extern "C" {

struct DLDevice {
  int32_t device_type;
  int32_t device_id;
};

struct DLDataType {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
};

struct DLTensor {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t* shape;
  int64_t* strides;  // in elements; null: row-major
  uint64_t byte_offset;
};

struct DLManagedTensor {
  DLTensor dl_tensor;
  void* manager_ctx;
  void (*deleter)(DLManagedTensor* self);
};

struct DLPackVersion {
  uint32_t major;
  uint32_t minor;
};

struct DLManagedTensorVersioned {
  DLPackVersion version;
  void* manager_ctx;
  void (*deleter)(DLManagedTensorVersioned* self);
  uint64_t flags;
  DLTensor dl_tensor;
};

}  // extern "C"

namespace cuttle::dlpack {

inline constexpr int32_t kCpu = 1, kCuda = 2;  // DLDevice::device_type
inline constexpr uint8_t kInt = 0, kUInt = 1, kFloat = 2, kBfloat = 4,
                         kBool = 6;       // DLDataType::code
inline constexpr uint64_t kReadOnly = 1;  // in flags

}  // namespace cuttle::dlpack
