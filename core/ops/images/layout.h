// How batches of images lie in memory, for the kernels. Internal to core/ops/images.
#pragma once

#include <algorithm>

#include "../../creation.h"

namespace cuttle {

inline void copy_strides(const Tensor& tensor, int64_t (&to)[4]) {
  std::copy_n(tensor.strides().begin(), 4, to);
}

template <class T>
T* data_or_null(const Tensor& tensor) {
  return tensor.defined() ? tensor.data<T>() : nullptr;
}

inline MemoryFormat format_of(const Tensor& images) {
  const bool last = !images.is_contiguous() && images.is_contiguous(MemoryFormat::channels_last);
  return last ? MemoryFormat::channels_last : MemoryFormat::contiguous;
}

inline Tensor empty_images(const Tensor& like, int64_t height, int64_t width, MemoryFormat format) {
  return empty({like.size(0), like.size(1), height, width},
               {.dtype = like.dtype(), .device = like.device()}, format);
}

}  // namespace cuttle
