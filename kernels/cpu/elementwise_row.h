// One row of elements of one operation: what is instantiated for each row of the elementwise table
// and each type. Everything around it, the walk over dimensions and threads, is compiled once a
// type (elementwise.cpp). For kernels/cpu's elementwise*.cpp.
#pragma once

#include <cstdint>

#include "../elementwise_part.h"
#include "vector_level.h"

namespace cuttle::kernels::cpu {

/// Computes n elements. Operand k's element i lies at in[k] + i · stride[k], the result's at
/// out + i · stride[N]; strides in elements.
using RowFunction = void (*)(int64_t n, const void* const* in, void* out, const int64_t* stride,
                             const void* parameters);

struct ElementwiseRowCode {
  RowFunction run = nullptr;
  int inputs = 0;
  int first_size = 0, out_size = 0;  // bytes of an element
};

// How a loop reads an operand: neighbours, one element for all, by stride.
template <class T>
struct Along {
  const T* at;
  T operator[](int64_t i) const { return at[i]; }
};
template <class T>
struct Same {
  explicit Same(const T* at) : value(*at) {}
  T value;
  T operator[](int64_t) const { return value; }
};
template <class T>
struct ByStride {
  const T* at;
  int64_t stride;
  T operator[](int64_t i) const { return at[i * stride]; }
};

template <class C>
struct ParameterValues {
  C at[kMaxParameters];
};

template <class Part, class C, class... In>
void dense_row(int64_t n, typename Part::Out* out, ParameterValues<C> parameter, In... in) {
  vectorised_of<typename Part::Out>(
      [=] { each_lane(n, [=](int64_t i) { out[i] = Part::call(parameter.at, in[i]...); }); });
}

template <class Part, class C, class... In>
void strided_row(int64_t n, typename Part::Out* out, int64_t stride, ParameterValues<C> parameter,
                 In... in) {
  for (int64_t i = 0; i < n; ++i) out[i * stride] = Part::call(parameter.at, in[i]...);
}

/// The broadcasts that have loops of their own so that they vectorise too: each of two operands
/// against the other, and what follows the first of three.
template <class Part, class T, int N>
bool vector_row(int64_t n, const void* const* in, typename Part::Out* out, const int64_t* stride,
                const ParameterValues<Compute<T>>& parameter) {
  using First = typename Part::First;
  if (stride[N] != 1) return false;
  const auto is = [stride](std::initializer_list<int64_t> steps) {
    return std::equal(steps.begin(), steps.end(), stride);
  };
  const auto* x = static_cast<const First*>(in[0]);
  const auto at = [in](int k) { return static_cast<const T*>(in[k]); };
  if constexpr (N == 1) {
    if (!is({1})) return false;
    dense_row<Part>(n, out, parameter, Along<First>{x});
  } else if constexpr (N == 2) {
    if (is({1, 1}))
      dense_row<Part>(n, out, parameter, Along<First>{x}, Along<T>{at(1)});
    else if (is({1, 0}))
      dense_row<Part>(n, out, parameter, Along<First>{x}, Same<T>(at(1)));
    else if (is({0, 1}))
      dense_row<Part>(n, out, parameter, Same<First>(x), Along<T>{at(1)});
    else
      return false;
  } else if constexpr (N == 3) {
    if (is({1, 1, 1}))
      dense_row<Part>(n, out, parameter, Along<First>{x}, Along<T>{at(1)}, Along<T>{at(2)});
    else if (is({1, 1, 0}))
      dense_row<Part>(n, out, parameter, Along<First>{x}, Along<T>{at(1)}, Same<T>(at(2)));
    else if (is({1, 0, 0}))
      dense_row<Part>(n, out, parameter, Along<First>{x}, Same<T>(at(1)), Same<T>(at(2)));
    else
      return false;
  } else {
    if (!is({1, 1, 1, 1})) return false;
    dense_row<Part>(n, out, parameter, Along<First>{x}, Along<T>{at(1)}, Along<T>{at(2)},
                    Along<T>{at(3)});
  }
  return true;
}

template <class Part, class T>
void run_row(int64_t n, const void* const* in, void* out, const int64_t* stride,
             const void* parameters) {
  constexpr int N = Part::kInputs;
  using First = typename Part::First;
  auto* to = static_cast<typename Part::Out*>(out);
  const auto parameter = *static_cast<const ParameterValues<Compute<T>>*>(parameters);
  if constexpr (!Part::kDear)
    if (vector_row<Part, T, N>(n, in, to, stride, parameter)) return;
  const ByStride<First> first{static_cast<const First*>(in[0]), stride[0]};
  const auto operand = [in, stride](int k) {
    return ByStride<T>{static_cast<const T*>(in[k]), stride[k]};
  };
  if constexpr (N == 1)
    strided_row<Part>(n, to, stride[N], parameter, first);
  else if constexpr (N == 2)
    strided_row<Part>(n, to, stride[N], parameter, first, operand(1));
  else if constexpr (N == 3)
    strided_row<Part>(n, to, stride[N], parameter, first, operand(1), operand(2));
  else
    strided_row<Part>(n, to, stride[N], parameter, first, operand(1), operand(2), operand(3));
}

template <class T>
struct FindRowCode {
  template <class Part>
  ElementwiseRowCode operator()() const {
    return {run_row<Part, T>, Part::kInputs, sizeof(typename Part::First),
            sizeof(typename Part::Out)};
  }
};

/// The code of (op, part) for elements of type T, from the units that hold it; none where there is
/// none.
template <class T>
ElementwiseRowCode arithmetic_row(Elementwise op, int part);
template <class T>
ElementwiseRowCode logic_row(Elementwise op, int part);
/// T: the floating types.
template <class T>
ElementwiseRowCode function_row(Elementwise op, int part);

}  // namespace cuttle::kernels::cpu
