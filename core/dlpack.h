// DLPack: tensors to and from other libraries, without a copy.
#pragma once

#include "tensor.h"

// As in dlpack.h, which may be included beside this header; core/dlpack_abi.h defines them for
// those who do not have it.
extern "C" {
struct DLManagedTensor;
struct DLManagedTensorVersioned;
}

namespace cuttle {

/// The tensor's memory with its shape, strides, dtype and device, as DLPack describes them, before
/// version 1 and from it on. The memory lives until the consumer calls the deleter of what it got.
/// On a GPU the consumer's work is ordered behind what this thread's current stream has queued by
/// the consumer (an event, or a wait), and must be done when the deleter is called. Throws Error
/// for a tensor that requires a gradient: detach() it.
DLManagedTensor* to_dlpack(const Tensor& tensor);
DLManagedTensorVersioned* to_dlpack_versioned(const Tensor& tensor);

/// A tensor on the memory of another library's. It takes over what it is given: the deleter is
/// called when the last tensor on the memory is gone, on a GPU once the device has done all its
/// work. Throws Error, and takes over nothing, for what no tensor here can be: another dtype
/// (float16, bfloat16, float32, float64, int8 to int64, uint8 and bool are), vectors for elements
/// (lanes), another device than the CPU and those of CUDA, negative strides, memory that no element
/// of its type can lie at, a major version above 1, and memory that may only be read.
Tensor from_dlpack(DLManagedTensor* managed);
Tensor from_dlpack(DLManagedTensorVersioned* managed);

}  // namespace cuttle
