// The places and the values of what a mask selects.
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "along.h"
#include "arithmetic.h"
#include "ordering.h"

namespace cuttle {

Tensor OrderingMethods::nonzero() const {
  const Tensor& x = check_defined("nonzero", self(*this));
  return places_of("nonzero", x.dtype() == boolean ? x : x != 0);
}

Tensor OrderingMethods::masked_select(const Tensor& mask) const {
  const Tensor& x = check_defined("masked_select", self(*this));
  check_defined("masked_select", mask);
  check_same_device("masked_select", {&x, &mask});
  if (mask.dtype() != boolean)
    fail("masked_select: expected a bool mask, got ", mask.dtype(), "; compare, with mask != 0");
  const Shape shape = broadcast_shapes("masked_select", x.shape(), mask.shape());
  const Tensor places = places_of("masked_select", mask.expand(shape).reshape({shape.numel()}));
  return take_along(x.expand(shape).reshape({shape.numel()}), 0, places.view({places.size(0)}));
}

std::vector<Tensor> where(const Tensor& condition) {
  check_defined("where", condition);
  const Tensor x = condition.dim() == 0 ? condition.reshape({1}) : condition;
  return places_of("where", x.dtype() == boolean ? x : x != 0).unbind(1);
}

Tensor nonzero(const Tensor& x) {
  return x.nonzero();
}
Tensor masked_select(const Tensor& x, const Tensor& mask) {
  return x.masked_select(mask);
}

}  // namespace cuttle
