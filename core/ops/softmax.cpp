// Softmax and log-softmax along one dimension.
#include "../../kernels/softmax.h"

#include "../autocast.h"
#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "arithmetic.h"

namespace cuttle {
namespace {

int64_t rows_of(const Tensor& x) {
  return x.numel() / std::max<int64_t>(x.size(-1), 1);
}

// One kernel; or, where the gradient will itself be differentiated, recorded operations.
Tensor backward_last_dim(bool log, const Tensor& y, const Tensor& gradient) {
  if (is_grad_enabled()) {
    if (log) return gradient - y.exp() * gradient.sum(-1, /*keepdim=*/true);
    return y * (gradient - (gradient * y).sum(-1, /*keepdim=*/true));
  }
  const Tensor dy = gradient.contiguous();
  Tensor dx = empty(y.shape(), {.dtype = y.dtype(), .device = y.device()});
  dispatch_float_double("softmax", y.dtype(), [&]<class T>() {
    on_device(y.device(), [&](auto stream) {
      kernels::softmax_backward(stream, log, rows_of(y), y.size(-1), y.data<T>(), dy.data<T>(),
                                dx.data<T>());
    });
  });
  return dx;
}

Tensor softmax_last_dim(std::string_view op, bool log, const Tensor& input) {
  const Tensor x = input.contiguous();
  Tensor y = empty(x.shape(), {.dtype = x.dtype(), .device = x.device()});
  dispatch_float_double(op, x.dtype(), [&]<class T>() {
    on_device(x.device(), [&](auto stream) {
      kernels::softmax_forward(stream, log, rows_of(x), x.size(-1), x.data<T>(), y.data<T>());
    });
  });
  return record(op, y, {x},
                [log, y = save_output(y)](const Tensor& gradient, const NeededInputs&)
                    -> std::vector<Tensor> { return {backward_last_dim(log, y.get(), gradient)}; });
}

Tensor softmax_along(std::string_view op, bool log, const Tensor& x, int64_t dim) {
  check_defined(op, x);
  if (autocast_raises({&x})) return softmax_along(op, log, autocast_raised(x), dim);
  // Halves are computed in float32 and rounded once.
  if (is_floating_point(x.dtype()) && element_size(x.dtype()) < element_size(float32))
    return softmax_along(op, log, x.to(float32), dim).to(x.dtype());
  const int d = wrap_dim(op, dim, x.dim());
  if (x.dim() == 0) return softmax_last_dim(op, log, x.reshape({1})).reshape({});
  if (d == x.dim() - 1) return softmax_last_dim(op, log, x);
  return softmax_last_dim(op, log, x.transpose(d, -1)).transpose(d, -1);
}

}  // namespace

Tensor ReductionMethods::softmax(int64_t dim) const {
  const Tensor& x = check_defined("softmax", self(*this));
  return softmax_along("softmax", false, x, dim);
}
Tensor ReductionMethods::log_softmax(int64_t dim) const {
  const Tensor& x = check_defined("log_softmax", self(*this));
  return softmax_along("log_softmax", true, x, dim);
}

}  // namespace cuttle
