// Comparisons: bool tensors, never on the tape.
#include "../creation.h"
#include "../dispatch.h"
#include "../strided_loop.h"
#include "arithmetic.h"
#include "binary.h"

namespace cuttle {
namespace {

using kernels::CompareOp;

Tensor compare(CompareOp op, const Tensor& x, const Tensor& y) {
  check_defined("compare", x);
  check_defined("compare", y);
  check_same_device("compare", {&x, &y});
  const DType dtype = result_type(x, y);
  const Shape shape = broadcast_shapes("compare", x.shape(), y.shape());
  const Tensor a = x.detach().to(dtype), b = y.detach().to(dtype);
  Tensor out = empty_result(shape, boolean, {&a, &b});
  const auto loop =
      make_loop(shape, {broadcast_strides(a.shape(), a.strides(), shape),
                        broadcast_strides(b.shape(), b.strides(), shape), out.strides()});
  dispatch_all(dtype, [&]<class T>() {
    on_device(out.device(), [&](auto stream) {
      kernels::compare(stream, op, loop, a.data<T>(), b.data<T>(), out.data<bool>());
    });
  });
  return out;
}

Tensor compare(CompareOp op, const Tensor& x, Scalar y) {
  check_defined("compare", x);
  const DType dtype = result_type(x, y);
  const bool fits = dispatch_all(dtype, [&]<class T>() { return y.fits<T>(); });
  if (!fits) return compare(op, x.to(int64), full({}, y, {.dtype = int64, .device = x.device()}));
  return compare(op, x, full({}, y, {.dtype = dtype, .device = x.device()}));
}

}  // namespace

Tensor operator==(const Tensor& a, const Tensor& b) {
  return compare(CompareOp::eq, a, b);
}
Tensor operator!=(const Tensor& a, const Tensor& b) {
  return compare(CompareOp::ne, a, b);
}
Tensor operator<(const Tensor& a, const Tensor& b) {
  return compare(CompareOp::lt, a, b);
}
Tensor operator<=(const Tensor& a, const Tensor& b) {
  return compare(CompareOp::le, a, b);
}
Tensor operator>(const Tensor& a, const Tensor& b) {
  return compare(CompareOp::gt, a, b);
}
Tensor operator>=(const Tensor& a, const Tensor& b) {
  return compare(CompareOp::ge, a, b);
}
Tensor operator==(const Tensor& a, Scalar b) {
  return compare(CompareOp::eq, a, b);
}
Tensor operator!=(const Tensor& a, Scalar b) {
  return compare(CompareOp::ne, a, b);
}
Tensor operator<(const Tensor& a, Scalar b) {
  return compare(CompareOp::lt, a, b);
}
Tensor operator<=(const Tensor& a, Scalar b) {
  return compare(CompareOp::le, a, b);
}
Tensor operator>(const Tensor& a, Scalar b) {
  return compare(CompareOp::gt, a, b);
}
Tensor operator>=(const Tensor& a, Scalar b) {
  return compare(CompareOp::ge, a, b);
}

}  // namespace cuttle
