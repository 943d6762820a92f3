#include "parameter.h"

namespace cuttle {

Parameter& Parameter::operator=(const Tensor& other) & {
  const char* const mend =
      "; to change the parameter's values write parameter.copy_(values) under NoGradGuard";
  if (!other.defined())
    fail("Parameter: an undefined tensor cannot take a parameter's place", mend);
  if (!other.is_leaf() || !other.requires_grad())
    fail("Parameter: a tensor of shape ", other.shape(), " that is ",
         other.is_leaf() ? "not trained (it does not require a gradient)"
                         : "the result of an operation (" + other.grad_fn() + ")",
         " cannot take a parameter's place: an optimizer would go on with the old one", mend);
  if (defined() && other.shape() != shape())
    fail("Parameter: a parameter of shape ", other.shape(),
         " cannot take the place of one of shape ", shape(), mend);
  Tensor::operator=(other);
  return *this;
}

}  // namespace cuttle
