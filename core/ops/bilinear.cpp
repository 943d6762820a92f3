// Bilinear forms, by two matrix products; cosines.
#include "bilinear.h"

#include "../dispatch.h"
#include "arithmetic.h"
#include "products.h"

namespace cuttle {

Tensor bilinear(const Tensor& input1, const Tensor& input2, const Tensor& weight,
                const Tensor& bias) {
  constexpr std::string_view op = "bilinear";
  for (const Tensor* tensor : {&input1, &input2, &weight}) check_defined(op, *tensor);
  const auto refuse = [&] {
    fail(op, ": expected input1 (…, I), input2 (…, J), weight (O, I, J) and bias (O), got shapes ",
         input1.shape(), ", ", input2.shape(), ", ", weight.shape(), " and ",
         bias.defined() ? bias.shape().str() : "none");
  };
  const int rank = input1.dim();
  if (weight.dim() != 3 || rank < 1 || input2.dim() != rank) refuse();
  Shape shape = input1.shape(), other = input2.shape();
  if (shape[rank - 1] != weight.size(1) || other[rank - 1] != weight.size(2)) refuse();
  if (bias.defined() && bias.shape() != Shape{weight.size(0)}) refuse();
  shape[rank - 1] = other[rank - 1] = weight.size(0);
  if (shape != other) refuse();
  const Tensor y = einsum("ni,oij,nj->no", {input1.reshape({-1, weight.size(1)}), weight,
                                            input2.reshape({-1, weight.size(2)})})
                       .reshape(shape);
  return bias.defined() ? y + bias : y;
}

Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, int64_t dim, double eps) {
  for (const Tensor* tensor : {&x1, &x2}) {
    check_defined("cosine_similarity", *tensor);
    if (!is_floating_point(tensor->dtype()))
      fail("cosine_similarity: expected a floating dtype, got ", tensor->dtype(),
           "; convert first, with .to(float32) for example");
  }
  const Shape shape = broadcast_shapes("cosine_similarity", x1.shape(), x2.shape());
  const Tensor a = x1.expand(shape), b = x2.expand(shape);
  const auto unit = [&](const Tensor& x) {
    return x / x.norm(2, {dim}, /*keepdim=*/true).clamp_min(eps);
  };
  return (unit(a) * unit(b)).sum({dim});
}

}  // namespace cuttle
