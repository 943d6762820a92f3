#include "elementwise_backward.h"

#include "../../kernels/formulas_activations.h"
#include "../../kernels/formulas_choices.h"
#include "../../kernels/formulas_functions.h"
#include "../autograd/grad_mode.h"
#include "binary.h"
#include "elementwise_run.h"

namespace cuttle {
namespace {

using kernels::Elementwise;
namespace table = kernels::table;

// The derivative of one row with respect to one operand, called with Terms.
template <class F, int operand, size_t... K, size_t... P>
Term call_gradient(const Term& g, const Term* x, const Term* parameter, std::index_sequence<K...>,
                   std::index_sequence<P...>) {
  if constexpr (operand == 0 && requires { F::template da<Term>(g, x[K]..., parameter[P]...); })
    return F::template da<Term>(g, x[K]..., parameter[P]...);
  else if constexpr (operand == 1 &&
                     requires { F::template db<Term>(g, x[K]..., parameter[P]...); })
    return F::template db<Term>(g, x[K]..., parameter[P]...);
  else if constexpr (operand == 2 &&
                     requires { F::template dc<Term>(g, x[K]..., parameter[P]...); })
    return F::template dc<Term>(g, x[K]..., parameter[P]...);
  else
    fail("an operand of an elementwise operation has no derivative");
}

template <class F, int operands, int operand>
Term gradient_function(const Term& g, const Term* x, const Term* parameter) {
  return call_gradient<F, operand>(g, x, parameter, std::make_index_sequence<operands>(),
                                   std::make_index_sequence<F::kParameters>());
}

using GradientFunction = Term (*)(const Term& g, const Term* x, const Term* parameter);

struct GradientRow {
  unsigned fused;
  GradientFunction of[3];
};

template <class F, int operands, bool differentiable>
constexpr GradientRow gradient_row() {
  if constexpr (!differentiable)
    return {0, {}};
  else
    return {F::kFused,
            {gradient_function<F, operands, 0>, gradient_function<F, operands, 1>,
             gradient_function<F, operands, 2>}};
}

using namespace table;  // NOLINT: the words of the rows
constexpr GradientRow kGradients[] = {
#define CUTTLE_ROW(name, formula, operands, takes, gives, keeps, text) \
  gradient_row<kernels::formulas::formula, operands, (keeps).differentiable>(),
    CUTTLE_ELEMENTWISE(CUTTLE_ROW)
#undef CUTTLE_ROW
};

const GradientRow& gradients_of(Elementwise op) {
  return kGradients[static_cast<size_t>(op)];
}

}  // namespace

Term recorded_gradient(Elementwise op, int operand, const Term& gradient, const Term* operands,
                       const Term* parameters) {
  return gradients_of(op).of[operand](gradient, operands, parameters);
}

bool has_gradient_kernel(Elementwise op, int operand) {
  return (gradients_of(op).fused >> operand & 1) != 0;
}

template <int N>
ElementwiseBackward<N>::ElementwiseBackward(Elementwise op, const std::array<Tensor, N>& operands,
                                            const std::array<Scalar, N>& numbers,
                                            std::span<const Scalar> parameters)
    : op_(op), parameter_count_(static_cast<uint8_t>(parameters.size())), number_(numbers) {
  for (size_t k = 0; k < N; ++k) {
    is_number_[k] = !operands[k].defined();
    if (N > 1 && !is_number_[k]) shape_[k] = operands[k].shape();
  }
  for (size_t k = 0; k < parameters.size(); ++k) parameter_[k] = parameters[k];
}

template <int N>
Saves ElementwiseBackward<N>::keep(const std::array<Tensor, N>& operands, const Tensor& result) {
  const unsigned needs = needs_of<N>(op_, operands);
  Saves saves = Saves::nothing;
  for (size_t k = 0; k < N; ++k) {
    if ((needs >> k & 1) == 0 || is_number_[k]) continue;
    kept_[k] = save(operands[k]);
    saves = Saves::tensors;
  }
  if ((needs & table::y) != 0) {
    kept_[0] = save_output(result);
    saves = Saves::tensors;
  }
  return saves;
}

template <int N>
std::vector<Tensor> ElementwiseBackward<N>::operator()(const Tensor& gradient,
                                                       const NeededInputs& needed) const {
  std::vector<Tensor> gradients(N);
  for (size_t k = 0; k < N; ++k) {
    if (!needed[k]) continue;
    gradients[k] = gradient_of(static_cast<int>(k), gradient);
    if (N > 1) gradients[k] = sum_to(gradients[k], shape_[k]);
  }
  return gradients;
}

template <int N>
Term ElementwiseBackward<N>::term(int k) const {
  const auto at = static_cast<size_t>(k);
  if (kept_[at].defined()) return kept_[at].get();
  return number_[at].template to<double>();  // of a tensor that was not kept: not looked at
}

template <int N>
Tensor ElementwiseBackward<N>::gradient_of(int operand, const Tensor& gradient) const {
  const unsigned needs = kernels::row_of(op_).keeps.of[operand];
  if (is_grad_enabled() || !has_gradient_kernel(op_, operand)) {
    std::array<Term, N> x;
    for (int k = 0; k < N; ++k)
      if ((needs >> k & 1) != 0 || (needs & table::y) != 0) x[static_cast<size_t>(k)] = term(k);
    std::array<Term, kernels::kMaxParameters> parameters;
    for (size_t p = 0; p < parameter_count_; ++p) parameters[p] = parameter_[p].to<double>();
    const Tensor found =
        recorded_gradient(op_, operand, gradient, x.data(), parameters.data()).tensor();
    return found.dtype() == gradient.dtype() ? found : found.to(gradient.dtype());
  }
  std::array<Tensor, N> x;
  std::array<const Tensor*, N + 1> tensors{&gradient};
  std::array<Scalar, N + 1> numbers = [&]<size_t... K>(std::index_sequence<K...>) {
    return std::array<Scalar, N + 1>{Scalar(0), number_[K]...};
  }
  (std::make_index_sequence<N>());
  for (size_t k = 0; k < N; ++k) {
    if (((needs >> k & 1) == 0 && (needs & table::y) == 0) || !kept_[k].defined()) continue;
    x[k] = kept_[k].get();
    tensors[k + 1] = &x[k];
  }
  const Tensor out = empty_result(gradient.shape(), gradient.dtype(), {&gradient});
  launch_elementwise<N + 1>(op_, operand + 1, gradient.dtype(), tensors, numbers,
                            std::span<const Scalar>(parameter_.data(), parameter_count_), out);
  return out;
}

template class ElementwiseBackward<1>;
template class ElementwiseBackward<2>;
template class ElementwiseBackward<3>;

}  // namespace cuttle
