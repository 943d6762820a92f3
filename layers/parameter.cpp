#include "parameter.h"

namespace cuttle {
namespace {

constexpr const char* kMend =
    "; to change the parameter's values write parameter.copy_(values) under NoGradGuard";

}  // namespace

void Parameter::check_shape(const Tensor& other) const {
  if (defined() && other.shape() != shape())
    fail("Parameter: a parameter of shape ", other.shape(),
         " cannot take the place of one of shape ", shape(), kMend);
}

Parameter& Parameter::operator=(const Tensor& other) & {
  if (is_own_) {
    if (!other.defined())
      fail("Parameter: an undefined tensor cannot take a parameter's place", kMend);
    if (!other.is_leaf() || !other.requires_grad())
      fail("Parameter: a tensor of shape ", other.shape(), " that is ",
           other.is_leaf() ? "not trained (it does not require a gradient)"
                           : "the result of an operation (" + other.grad_fn() + ")",
           " cannot take a parameter's place: an optimizer would go on with the old one", kMend);
    check_shape(other);
  }
  Tensor::operator=(other);
  return *this;
}

Parameter& Parameter::operator=(const Parameter& other) & {
  const bool is_parameter = other.is_own_ && other.defined();  // a frozen one, too
  if (!is_own_ || is_same(other)) {
    Tensor::operator=(other);
  } else if (is_parameter) {
    check_shape(other);
    Tensor::operator=(other);
  } else {
    *this = static_cast<const Tensor&>(other);
  }
  return *this;
}

}  // namespace cuttle
