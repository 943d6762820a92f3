// The two macros through which a kernel declares shared memory. Each block gets its own exact-size
// copy, filled with 0xff bytes (NaN as float, -1 as int), so that a read of what nobody wrote shows
// and the address sanitizer sees the first byte past the end.
#pragma once

#include "interpreter.h"

/// A static array in shared memory: CUTTLE_SHARED(float, tile, [32][33]);
#define CUTTLE_SHARED(T, name, ...)                                                \
  using name##_shared_type = T __VA_ARGS__;                                        \
  static const constinit ::cuttle::simt::SharedArray name##_shared_array{          \
      sizeof(name##_shared_type),                                                  \
      alignof(name##_shared_type) < 16 ? 16 : alignof(name##_shared_type), #name}; \
  name##_shared_type& name =                                                       \
      *static_cast<name##_shared_type*>(::cuttle::simt::shared_address(name##_shared_array))

/// The block's dynamic shared memory, seen as an array of T: CUTTLE_DYNAMIC_SHARED(float, row);
#define CUTTLE_DYNAMIC_SHARED(T, name) \
  T* const name = static_cast<T*>(::cuttle::simt::dynamic_shared_address())
