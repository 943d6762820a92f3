// The rows of the elementwise table whose functions are those of vector_math.h where elements are
// computed in float: what activations are made of. For kernels/cpu/elementwise_functions.cpp.
#pragma once

#include "elementwise_row.h"
#include "vector_math.h"

namespace cuttle::kernels::cpu {

/// A float by another name, for which formulas find other functions.
struct Lane {
  Lane(int whole) : value(static_cast<float>(whole)) {}  // NOLINT: as float
  template <std::floating_point T>
  explicit Lane(T x) : value(static_cast<float>(x)) {}
  float value;
};

inline Lane operator+(Lane a, Lane b) {
  return Lane(a.value + b.value);
}
inline Lane operator-(Lane a, Lane b) {
  return Lane(a.value - b.value);
}
inline Lane operator*(Lane a, Lane b) {
  return Lane(a.value * b.value);
}
inline Lane operator/(Lane a, Lane b) {
  return Lane(a.value / b.value);
}
inline Lane operator-(Lane a) {
  return Lane(-a.value);
}
inline Lane exp(Lane x) {
  return Lane(exp_lane(x.value));
}
inline Lane tanh(Lane x) {
  return Lane(tanh_lane(x.value));
}
inline Lane erfc(Lane x) {
  return Lane(erfc_lane(x.value));
}
inline Lane sigmoid(Lane x) {
  return Lane(sigmoid_lane(x.value));
}

template <class Formula>
inline constexpr bool kHasLanes = false;
template <>
inline constexpr bool kHasLanes<formulas::Exp> = true;
template <>
inline constexpr bool kHasLanes<formulas::Tanh> = true;
template <>
inline constexpr bool kHasLanes<formulas::Sigmoid> = true;
template <>
inline constexpr bool kHasLanes<formulas::Silu> = true;
template <>
inline constexpr bool kHasLanes<formulas::Gelu> = true;
template <>
inline constexpr bool kHasLanes<formulas::GeluTanh> = true;

/// A part of the table, or what takes its place.
template <class Part>
struct InLanes {
  using Type = Part;
};
template <class F, int operands, table::Gives gives, int part, class T>
requires(kHasLanes<F>&& std::is_same_v<Compute<T>, float>)  //
    struct InLanes<ElementwisePart<F, operands, gives, part, T>> {
  struct Type : ElementwisePart<F, operands, gives, part, T> {
    static constexpr bool kDear = false;

    template <class... X>
    static T call(const float*, X... x) {
      const auto lane = [](T element) { return Lane(static_cast<float>(element)); };
      if constexpr (part == 0)
        return static_cast<T>(F::value(lane(x)...).value);
      else
        return static_cast<T>(F::da(lane(x)...).value);
    }
  };
};

template <class T>
struct FindRowCodeInLanes {
  template <class Part>
  ElementwiseRowCode operator()() const {
    return FindRowCode<T>().template operator()<typename InLanes<Part>::Type>();
  }
};

}  // namespace cuttle::kernels::cpu
