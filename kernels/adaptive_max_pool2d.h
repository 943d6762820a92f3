// Two-dimensional adaptive max pooling, channels last.
#pragma once

#include "max_pool2d.h"

namespace cuttle::kernels {

/// Output (oh, ow) looks at the inputs from ⌊oh · h / shape.oh⌋ to before ⌈(oh + 1) · h /
/// shape.oh⌉, and likewise across; of the shape only n, c, h, w, oh and ow count, all at least 1
/// but n. Layouts, index and order of equals: max_pool2d.h, where max_pool2d_pick serves both. T:
/// float, double.
template <class T>
void adaptive_max_pool2d_forward(cpu::Stream, const MaxPool2dShape& shape, const T* x, T* y,
                                 int32_t* index);
template <class T>
void adaptive_max_pool2d_forward(cuda::Stream, const MaxPool2dShape& shape, const T* x, T* y,
                                 int32_t* index);
template <class T>
void adaptive_max_pool2d_backward(cpu::Stream, const MaxPool2dShape& shape, const T* dy,
                                  const int32_t* index, T* dx);
template <class T>
void adaptive_max_pool2d_backward(cuda::Stream, const MaxPool2dShape& shape, const T* dy,
                                  const int32_t* index, T* dx);

}  // namespace cuttle::kernels
