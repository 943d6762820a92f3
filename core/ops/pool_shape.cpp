#include "pool_shape.h"

#include "../dispatch.h"

namespace cuttle {

Planes::Planes(std::string_view op, const Tensor& input, int dims) {
  check_defined(op, input);
  if (!is_floating_point(input.dtype()))
    fail(op, ": expected a floating dtype, got ", input.dtype(), " ", input.shape(),
         "; convert first, with .to(float32) for example");
  if (input.dim() != dims + 1 && input.dim() != dims + 2)
    fail(op, ": expected an input of shape ",
         dims == 1 ? "(N, C, L) or (C, L)" : "(N, C, H, W) or (C, H, W)", ", got ", input.shape());
  batch_ = input.dim() == dims + 2;
  line_ = dims == 1;
  planes_ = batch_ ? input : input.unsqueeze(0);
  if (line_) planes_ = planes_.unsqueeze(2);
}

Tensor Planes::restore(const Tensor& result) const {
  const Tensor y = line_ ? result.squeeze(2) : result;
  return batch_ ? y : y.squeeze(0);
}

int64_t window_count(int64_t size, int64_t kernel, int64_t stride, int64_t padding,
                     int64_t dilation, bool ceil_mode) {
  const int64_t room = size + 2 * padding - dilation * (kernel - 1) - 1;
  if (room < 0) return 0;
  int64_t out = (room + (ceil_mode ? stride - 1 : 0)) / stride + 1;
  if (ceil_mode && (out - 1) * stride >= size + padding) --out;
  return out;
}

void check_windows(std::string_view op, Pair kernel, Pair stride, Pair padding) {
  if (kernel.height < 1 || kernel.width < 1 || stride.height < 1 || stride.width < 1)
    fail(op, ": kernel and stride must be at least 1, got ", kernel, " and ", stride);
  if (padding.height < 0 || padding.width < 0 || 2 * padding.height > kernel.height ||
      2 * padding.width > kernel.width)
    fail(op, ": the padding must be at most half the kernel ", kernel, ", got ", padding);
}

}  // namespace cuttle
