// From a row of the table to a function of elements: what both backends make their kernels of.
#pragma once

#include <utility>

#include "elementwise.h"
#include "formulas_activations.h"
#include "formulas_arithmetic.h"
#include "formulas_choices.h"
#include "formulas_functions.h"

namespace cuttle::kernels {

/// Whether kernels exist for elements of type T.
template <class T>
constexpr bool takes_type(table::Takes takes) {
  switch (takes) {
    case table::any:
      return true;
    case table::numbers:
      return !std::is_same_v<T, bool>;
    case table::integers:
      return !is_floating<T>;
    case table::whole:
      return !is_floating<T> && !std::is_same_v<T, bool>;
    case table::floating:
    case table::real:
      return is_floating<T>;
  }
  return false;
}

/// The value (part 0) or a gradient (part 1, 2, 3) of a formula, as a function of kInputs elements.
template <class F, int operands, table::Gives gives, int part_number, class T>
struct ElementwisePart {
  using C = Compute<T>;
  static constexpr int kInputs = operands + (part_number > 0);
  static constexpr bool kDear = F::kDear;
  static constexpr bool kConditional = std::is_same_v<F, formulas::Where> && part_number == 0;
  using First = std::conditional_t<kConditional, bool, T>;
  using Out = std::conditional_t<part_number == 0 && gives == table::boolean, bool, T>;

  template <class... X>
  CUTTLE_HOST_DEVICE static Out call(const C* parameter, First first, X... rest) {
    using FirstC = std::conditional_t<kConditional, bool, C>;
    return with_parameters(std::make_index_sequence<F::kParameters>(), parameter,
                           static_cast<FirstC>(first), static_cast<C>(rest)...);
  }

 private:
  template <size_t... P, class... X>
  CUTTLE_HOST_DEVICE static Out with_parameters(std::index_sequence<P...>,
                                                [[maybe_unused]] const C* parameter, X... x) {
    if constexpr (part_number == 0) return static_cast<Out>(F::value(x..., parameter[P]...));
    if constexpr (part_number == 1) return static_cast<Out>(F::da(x..., parameter[P]...));
    if constexpr (part_number == 2) return static_cast<Out>(F::db(x..., parameter[P]...));
    if constexpr (part_number == 3) return static_cast<Out>(F::dc(x..., parameter[P]...));
  }
};

/// Calls found.operator()<Part>() for the part of the formula that is asked for, and returns what
/// it gives; Result{} where elements of type T do not have it.
template <class Result, class T, class F, int operands, table::Takes takes, table::Gives gives,
          class Found>
Result find_part(int part, const Found& found) {
  if constexpr (takes_type<T>(takes)) {
    if (part == 0) return found.template operator()<ElementwisePart<F, operands, gives, 0, T>>();
    if constexpr (is_floating<T> && (F::kFused & 1) != 0)
      if (part == 1) return found.template operator()<ElementwisePart<F, operands, gives, 1, T>>();
    if constexpr (is_floating<T> && (F::kFused & 2) != 0)
      if (part == 2) return found.template operator()<ElementwisePart<F, operands, gives, 2, T>>();
    if constexpr (is_floating<T> && (F::kFused & 4) != 0)
      if (part == 3) return found.template operator()<ElementwisePart<F, operands, gives, 3, T>>();
  }
  return {};
}

/// The body of a function that finds what belongs to (op, part) in a list of rows:
///   switch (op) { CUTTLE_ELEMENTWISE_LOGIC(CUTTLE_FIND_ROW) default: return {}; }
/// with the names T, Result and found where it stands.
#define CUTTLE_FIND_ROW(name, formula, operands, takes, gives, keeps, text)                    \
  case Elementwise::name:                                                                      \
    return find_part<Result, T, formulas::formula, operands, table::takes, table::gives>(part, \
                                                                                         found);

}  // namespace cuttle::kernels
