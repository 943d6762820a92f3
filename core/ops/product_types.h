// The dtypes that matrix products and convolutions take. For core/ops alone.
#pragma once

#include "../../kernels/bfloat16.h"
#include "../dispatch.h"

namespace cuttle {

/// True for float16 and bfloat16 where the device's products do not take them: they are computed
/// in float32 and rounded once.
inline bool computes_in_float32(const Tensor& x) {
  const DType dtype = x.dtype();
  if (!is_floating_point(dtype) || element_size(dtype) != 2) return false;
  const bool takes = dtype == bfloat16 && x.device().is_cpu();
  return !takes || !kernels::multiplies_bfloat16(kernels::cpu::Stream{});
}

/// Calls f.operator()<T>(stream) for the type and the device of x, which has not to be computed in
/// float32: T is BFloat16 for the CPU's stream alone.
template <class F>
void dispatch_product(std::string_view op, const Tensor& x, const F& f) {
  if (x.dtype() == bfloat16) return f.template operator()<BFloat16>(kernels::cpu::Stream{});
  dispatch_float_double(op, x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) { f.template operator()<T>(stream); });
  });
}

}  // namespace cuttle
