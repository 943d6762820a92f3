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
  // A number that an integer dtype cannot hold is compared in int64. For a floating one it is
  // rounded, beyond the range to infinity.
  const DType common = dispatch_all(
      dtype, [&]<class T>() { return is_floating<T> || y.in_range<T>() ? dtype : int64; });
  const Scalar rounded = common == float32 ? Scalar(y.to<float>()) : y;
  return compare(op, x.to(common), full({}, rounded, {.dtype = common, .device = x.device()}));
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
