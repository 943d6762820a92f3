#include "elementwise_run.h"

#include <algorithm>
#include <limits>

#include "../autocast.h"
#include "../autograd/record.h"
#include "../dispatch.h"
#include "../strided_loop.h"
#include "../tensor_impl.h"
#include "arithmetic.h"
#include "binary.h"
#include "elementwise_backward.h"

namespace cuttle {
namespace {

using kernels::Elementwise;
using kernels::ElementwiseRow;
using kernels::row_of;

constexpr size_t index(int k) {
  return static_cast<size_t>(k);
}

// The dtype that a row computes in, from the one that its operands promote to.
DType computing_type(const ElementwiseRow& row, std::string_view name, DType dtype) {
  namespace table = kernels::table;
  const bool floating = is_floating_point(dtype);
  switch (row.takes) {
    case table::any:
      break;
    case table::numbers:
    case table::whole:
      if (dtype == boolean)
        fail(name, ": not defined for bool; convert first, with .to(int64) for example");
      [[fallthrough]];
    case table::integers:
      if (floating && row.takes != table::numbers)
        fail(name, ": expected an integer dtype", row.takes == table::integers ? " or bool" : "",
             ", got ", dtype, "; convert first, with .to(int64) for example");
      break;
    case table::floating:
      return floating ? dtype : float32;
    case table::real:
      if (!floating)
        fail(name, ": expected a floating dtype, got ", dtype,
             "; convert first, with .to(float32) for example");
      break;
  }
  return dtype;
}

template <int N>
void check_operands(std::string_view name, const Argument (&operands)[N]) {
  const Tensor* first = nullptr;
  for (const Argument& operand : operands) {
    if (operand.is_number()) continue;
    check_defined(name, *operand.tensor);
    if (first == nullptr)
      first = operand.tensor;
    else
      check_same_device(name, {first, operand.tensor});
  }
  if (first == nullptr) fail(name, ": expected a tensor among the operands, got numbers alone");
}

// Numbers that an integer dtype cannot hold are compared in int64.
template <int N>
DType comparing_type(DType dtype, const Argument (&operands)[N]) {
  for (const Argument& operand : operands)
    if (operand.is_number() && dtype != int64 && !is_floating_point(dtype) &&
        !dispatch_all(dtype, [&]<class T>() { return operand.number.in_range<T>(); }))
      return int64;
  return dtype;
}

template <int N>
DType dtype_for(Elementwise op, std::string_view name, const Argument (&operands)[N]) {
  const ElementwiseRow& row = row_of(op);
  const int first = op == Elementwise::where ? 1 : 0;  // its first is a condition
  if (first == 1 && (operands[0].is_number() || operands[0].tensor->dtype() != boolean))
    fail(name, ": expected a bool tensor as the condition, got ",
         operands[0].is_number() ? "a number" : dtype_name(operands[0].tensor->dtype()),
         "; compare first, with x != 0 for example");
  DType dtype = computing_type(row, name, common_type({operands + first, index(N - first)}));
  if (row.gives == kernels::table::boolean) dtype = comparing_type(dtype, operands);
  return dtype;
}

void check_parameters(std::string_view name, DType dtype, std::span<const Scalar> parameters) {
  if (is_floating_point(dtype)) return;
  for (const Scalar& parameter : parameters)
    if (!parameter.is_integral())
      fail(name, ": ", dtype, " tensors take whole numbers, got the parameter ", parameter,
           "; convert first, with .to(float32) for example");
}

// Integer division by 0 has no value. What a GPU divides by is not known here: it gives 0 there.
template <int N>
void check_divisor(Elementwise op, std::string_view name, DType dtype,
                   const Argument (&operands)[N]) {
  if constexpr (N == 2) {
    const bool divides = op == Elementwise::floor_divide || op == Elementwise::div_trunc ||
                         op == Elementwise::remainder || op == Elementwise::fmod;
    if (!divides || is_floating_point(dtype)) return;
    const Argument& divisor = operands[1];
    const bool zero = divisor.is_number() ? divisor.number.to<int64_t>() == 0
                                          : divisor.tensor->is_cpu() &&
                                                (*divisor.tensor == 0).sum().item<int64_t>() > 0;
    if (zero)
      fail(name,
           ": an integer was divided by 0; convert first, with .to(float32) for example, "
           "where infinity is meant");
  }
}

// What an integer power cannot be.
template <int N>
void check_exponent(Elementwise op, DType dtype, const Argument (&operands)[N]) {
  if constexpr (N == 2) {
    if (op != Elementwise::pow || is_floating_point(dtype) || !operands[1].is_number()) return;
    const Scalar& exponent = operands[1].number;
    if (exponent.to<int64_t>() < 0)
      fail("pow: ", dtype, " has no negative powers, got the exponent ", exponent,
           "; convert first, with .to(float32) for example");
    if (!dispatch_all(dtype, [&]<class T>() { return exponent.in_range<T>(); }))
      fail("pow: ", dtype, " cannot hold the exponent ", exponent,
           "; convert first, with .to(int64) for example");
  }
}

// The operands of one call, converted.
template <int N>
struct Prepared {
  DType dtype;
  std::array<Tensor, N> x;  // undefined for a number
  std::array<Scalar, N> number;
};

template <int N>
std::array<Scalar, N> numbers_of(const Argument (&operands)[N]) {
  return [&]<size_t... K>(std::index_sequence<K...>) {
    return std::array<Scalar, N>{operands[K].number...};
  }
  (std::make_index_sequence<N>());
}

// What autocast (core/autocast.h) computes in float32, and gives so.
bool is_raised(Elementwise op) {
  constexpr std::array raised = {
      Elementwise::acos,  Elementwise::asin,  Elementwise::cosh, Elementwise::erfinv,
      Elementwise::exp,   Elementwise::expm1, Elementwise::log,  Elementwise::log10,
      Elementwise::log1p, Elementwise::log2,  Elementwise::pow,  Elementwise::reciprocal,
      Elementwise::rsqrt, Elementwise::sinh,  Elementwise::tan,  Elementwise::softplus};
  return std::find(raised.begin(), raised.end(), op) != raised.end();
}

template <int N>
Prepared<N> prepare(Elementwise op, std::string_view name, const Argument (&operands)[N],
                    std::span<const Scalar> parameters) {
  Prepared<N> call{check_elementwise<N>(op, name, operands, parameters), {}, numbers_of(operands)};
  if (is_autocast_enabled() && is_raised(op) && is_floating_point(call.dtype))
    call.dtype = promote_types(call.dtype, float32);
  for (int k = 0; k < N; ++k) {
    const DType dtype = op == Elementwise::where && k == 0 ? boolean : call.dtype;
    if (operands[k].is_number()) continue;
    const Tensor& x = *operands[k].tensor;
    call.x[index(k)] = x.dtype() == dtype ? x : x.to(dtype);
  }
  return call;
}

// A number in an operand's place as the dtype has it. Bounds that lie outside of an integer dtype's
// range become its ends; other numbers wrap around, as integer arithmetic does.
template <class T>
T element(Elementwise op, const Scalar& number) {
  if constexpr (std::is_integral_v<T>) {
    const bool bound =
        op == Elementwise::clamp || op == Elementwise::clamp_min || op == Elementwise::clamp_max;
    using Limits = std::numeric_limits<T>;
    if (bound && !number.in_range<T>())
      return number.to<double>() < 0 ? Limits::lowest() : Limits::max();
  }
  return static_cast<T>(number.to<kernels::Compute<T>>());
}

template <size_t N>
std::array<const Tensor*, N> pointers(const std::array<Tensor, N>& x) {
  std::array<const Tensor*, N> all{};
  for (size_t k = 0; k < N; ++k) all[k] = x[k].defined() ? &x[k] : nullptr;
  return all;
}

// Shape and layout: those of the only tensor, or what they broadcast to.
template <int N>
Tensor result_for(Elementwise op, std::string_view name, const Prepared<N>& call) {
  const DType dtype = row_of(op).gives == kernels::table::boolean ? boolean : call.dtype;
  std::array<const Tensor*, N> tensors{};
  size_t count = 0;
  Shape shape;
  for (const Tensor& x : call.x) {
    if (!x.defined()) continue;
    shape = count == 0 ? x.shape() : broadcast_shapes(name, shape, x.shape());
    tensors[count++] = &x;
  }
  return empty_result(shape, dtype, std::span<const Tensor* const>(tensors.data(), count));
}

}  // namespace

template <int N>
DType check_elementwise(Elementwise op, std::string_view name, const Argument (&operands)[N],
                        std::span<const Scalar> parameters) {
  check_operands(name, operands);
  const DType dtype = dtype_for(op, name, operands);
  check_parameters(name, dtype, parameters);
  check_divisor(op, name, dtype, operands);
  check_exponent(op, dtype, operands);
  return dtype;
}

template <int N>
void launch_elementwise(Elementwise op, int part, DType dtype,
                        const std::array<const Tensor*, N>& operands,
                        const std::array<Scalar, N>& numbers, std::span<const Scalar> parameters,
                        const Tensor& out) {
  Strides strides[N + 1];
  for (int k = 0; k < N; ++k) {
    const Tensor* x = operands[index(k)];
    strides[k] = x == nullptr ? Strides::filled(out.dim(), 0)
                              : broadcast_strides(x->shape(), x->strides(), out.shape());
  }
  strides[N] = out.strides();
  const auto loop = make_loop(out.shape(), strides);
  // A comparison is between numbers of the dtype; other rows compute with what halves only store.
  dispatch_all(dtype, [&]<class T>() {
    using C = kernels::Compute<T>;
    kernels::ElementwiseInputs<T, N> in;
    for (int k = 0; k < N; ++k) {
      const Tensor* x = operands[index(k)];
      if (x != nullptr)
        in.at[k] = x->raw_data();
      else
        in.number[k] = element<T>(op, numbers[index(k)]);
    }
    for (size_t k = 0; k < std::min<size_t>(parameters.size(), kernels::kMaxParameters); ++k)
      in.parameter[k] = parameters[k].template to<C>();
    on_device(out.device(), [&](auto stream) {
      kernels::elementwise<T, N>(stream, op, part, loop, in, out.raw_data());
    });
  });
}

std::string_view spoken_name(Elementwise op, bool in_place) {
  switch (op) {
    case Elementwise::add_scaled:
      return in_place ? "add_" : "add";
    case Elementwise::div_trunc:
      return in_place ? "div_" : "div";
    case Elementwise::gelu_tanh:
      return "gelu";
    default:
      return in_place ? row_of(op).in_place_name : row_of(op).name;
  }
}

template <int N>
Tensor elementwise(Elementwise op, const Argument (&operands)[N],
                   std::span<const Scalar> parameters) {
  const ElementwiseRow& row = row_of(op);
  const std::string_view name = spoken_name(op);
  const Prepared<N> call = prepare(op, name, operands, parameters);
  Tensor out = result_for(op, name, call);
  launch_elementwise<N>(op, 0, call.dtype, pointers(call.x), call.number, parameters, out);
  const InputList inputs{std::span<const Tensor>(call.x)};
  if (profiler::is_listening()) profiler::end_operation(name, {&out, 1}, inputs);
  if (!row.keeps.differentiable) return out;
  check_not_stale(row.name, inputs);
  if (!needs_recording(inputs)) return out;
  ElementwiseBackward<N> backward(op, call.x, call.number, parameters);
  const Saves saves = backward.keep(call.x, out);
  put_on_tape(row.name, out, inputs, std::move(backward), saves);
  return out;
}

template Tensor elementwise(Elementwise, const Argument (&)[1], std::span<const Scalar>);
template Tensor elementwise(Elementwise, const Argument (&)[2], std::span<const Scalar>);
template Tensor elementwise(Elementwise, const Argument (&)[3], std::span<const Scalar>);

template DType check_elementwise(Elementwise, std::string_view, const Argument (&)[1],
                                 std::span<const Scalar>);
template DType check_elementwise(Elementwise, std::string_view, const Argument (&)[2],
                                 std::span<const Scalar>);
template DType check_elementwise(Elementwise, std::string_view, const Argument (&)[3],
                                 std::span<const Scalar>);

#define CUTTLE_LAUNCH_OF(N)                                                                       \
  template void launch_elementwise<N>(                                                            \
      Elementwise, int, DType, const std::array<const Tensor*, N>&, const std::array<Scalar, N>&, \
      std::span<const Scalar>, const Tensor&);
CUTTLE_LAUNCH_OF(1)
CUTTLE_LAUNCH_OF(2)
CUTTLE_LAUNCH_OF(3)
CUTTLE_LAUNCH_OF(4)
#undef CUTTLE_LAUNCH_OF

}  // namespace cuttle
