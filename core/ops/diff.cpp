// Differences of neighbours along a dimension.
#include "../creation.h"
#include "../dispatch.h"
#include "arithmetic.h"
#include "ordering.h"

namespace cuttle {
namespace {

// `x` between what is defined of the two.
Tensor extended(const Tensor& x, int d, const Tensor& prepend, const Tensor& append) {
  std::vector<Tensor> parts;
  for (const Tensor* part : {&prepend, &x, &append}) {
    if (!part->defined()) continue;
    check_same_device("diff", {&x, part});
    Shape shape = part->shape();
    if (shape.size() == x.dim()) shape[d] = x.shape()[d];
    if (shape != x.shape())
      fail("diff: what stands before or behind a tensor of shape ", x.shape(),
           " may differ from it in dimension ", d, " alone, got shape ", part->shape());
    parts.push_back(*part);
  }
  return parts.size() == 1 ? x : cat(parts, d);
}

}  // namespace

Tensor OrderingMethods::diff(int64_t n, int64_t dim, const Tensor& prepend,
                             const Tensor& append) const {
  const Tensor& x = check_defined("diff", self(*this));
  if (n < 0) fail("diff: n must not be negative, got ", n);
  if (x.dim() == 0) fail("diff: a tensor without dimensions has no neighbours");
  const int d = wrap_dim("diff", dim, x.dim());
  Tensor out = extended(x, d, prepend, append);
  for (int64_t i = 0; i < n && out.size(d) > 0; ++i) {
    const int64_t rest = out.size(d) - 1;
    const Tensor next = out.narrow(d, 1, rest), last = out.narrow(d, 0, rest);
    out = out.dtype() == boolean ? next != last : next - last;
  }
  return n == 0 ? out.clone() : out;
}
Tensor OrderingMethods::diff(int64_t n, int64_t dim) const {
  return diff(n, dim, {}, {});
}

Tensor diff(const Tensor& x, int64_t n, int64_t dim, const Tensor& prepend, const Tensor& append) {
  return x.diff(n, dim, prepend, append);
}

}  // namespace cuttle
