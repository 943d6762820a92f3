// Rows in order.
#pragma once

#include <cstdint>

#include "stream.h"

namespace cuttle::kernels {

/// values (rows, length) = each row of x in rising or falling order, places (rows, length) = where
/// in its row each was. Equal elements keep their order, −0 and 0 are equal, a NaN is larger than
/// all and equal to others. length < 2³¹.
/// T: float, double, Half, BFloat16, int64_t, int32_t, int16_t, int8_t, uint8_t, bool.
template <class T>
void sort_rows(cpu::Stream, bool descending, int64_t rows, int64_t length, const T* x, T* values,
               int64_t* places);
template <class T>
void sort_rows(cuda::Stream, bool descending, int64_t rows, int64_t length, const T* x, T* values,
               int64_t* places);

}  // namespace cuttle::kernels
