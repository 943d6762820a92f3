// What check_dlpack.py calls to hand tensors to PyTorch and to take them from it.
#include <cuttle/core/creation.h>
#include <cuttle/core/dlpack.h>
#include <cuttle/core/ops/arithmetic.h>

#include <cmath>
#include <cstdio>

using namespace cuttle;

extern "C" {

/// arange(24) of this dtype as (2, 3, 4), its first and last dimension exchanged: a strided tensor.
DLManagedTensor* cuttle_give(const char* dtype) {
  const Tensor x = arange(24).to(dtype_from_name(dtype)).view({2, 3, 4}).transpose(0, 2);
  return to_dlpack(x);
}

/// Σ (i + 1) · element i in row-major order, after which every element is doubled where it lies and
/// the tensor given back. NaN, with the error's sentence, for what is refused.
double cuttle_take(DLManagedTensor* managed, char* sentence, size_t size) {
  try {
    Tensor x = from_dlpack(managed);
    double sum = 0, place = 0;
    for (const double value : x.to_vector<double>()) sum += value * ++place;
    x.mul_(2);
    return sum;
  } catch (const Error& error) {
    std::snprintf(sentence, size, "%s", error.what());
    return std::nan("");
  }
}
}
