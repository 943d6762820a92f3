// The element types of tensors, and how a run-time dtype becomes a template argument.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string_view>
#include <type_traits>

#include "../kernels/error.h"
#include "../kernels/half.h"

namespace cuttle {

enum class DType : uint8_t {
  float32,
  float64,
  float16,
  bfloat16,
  int64,
  int32,
  int16,
  int8,
  uint8,
  boolean
};

// As in PyTorch: cuttle::float32 is torch.float32.
inline constexpr DType float32 = DType::float32;
inline constexpr DType float64 = DType::float64;
inline constexpr DType float16 = DType::float16;
inline constexpr DType bfloat16 = DType::bfloat16;
inline constexpr DType int64 = DType::int64;
inline constexpr DType int32 = DType::int32;
inline constexpr DType int16 = DType::int16;
inline constexpr DType int8 = DType::int8;
inline constexpr DType uint8 = DType::uint8;
inline constexpr DType boolean = DType::boolean;  // torch.bool

/// Bytes of one element.
size_t element_size(DType dtype);
/// "float32", …, "bool".
std::string_view dtype_name(DType dtype);
std::ostream& operator<<(std::ostream& out, DType dtype);
/// The dtype of that name; throws Error if there is none.
DType dtype_from_name(std::string_view name);

constexpr bool is_floating_point(DType dtype) {
  return dtype == DType::float32 || dtype == DType::float64 || dtype == DType::float16 ||
         dtype == DType::bfloat16;
}

/// The type that holds the result of an operation on both, PyTorch's lattice: bool below all
/// integers, these below all floating types; of two integers the wider one, but int16 for int8 and
/// uint8; of two floating types the wider one, but float32 for float16 and bfloat16.
DType promote_types(DType a, DType b);

namespace detail {
template <class T>
struct DTypeOf : std::integral_constant<DType, DType::float32> {
  static_assert(sizeof(T) == 0,
                "no tensor has elements of this type: they are float, double, Half, BFloat16, "
                "int64_t, int32_t, int16_t, int8_t, uint8_t or bool");
};
template <>
struct DTypeOf<float> : std::integral_constant<DType, DType::float32> {};
template <>
struct DTypeOf<double> : std::integral_constant<DType, DType::float64> {};
template <>
struct DTypeOf<Half> : std::integral_constant<DType, DType::float16> {};
template <>
struct DTypeOf<BFloat16> : std::integral_constant<DType, DType::bfloat16> {};
template <>
struct DTypeOf<int64_t> : std::integral_constant<DType, DType::int64> {};
template <>
struct DTypeOf<long long> : std::integral_constant<DType, DType::int64> {};
template <>
struct DTypeOf<int32_t> : std::integral_constant<DType, DType::int32> {};
template <>
struct DTypeOf<int16_t> : std::integral_constant<DType, DType::int16> {};
template <>
struct DTypeOf<int8_t> : std::integral_constant<DType, DType::int8> {};
template <>
struct DTypeOf<uint8_t> : std::integral_constant<DType, DType::uint8> {};
template <>
struct DTypeOf<bool> : std::integral_constant<DType, DType::boolean> {};
}  // namespace detail

/// The C++ types of elements.
template <class T>
concept ElementType = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, Half> ||
    std::same_as<T, BFloat16> || std::same_as<T, int64_t> || std::same_as<T, int32_t> ||
    std::same_as<T, int16_t> || std::same_as<T, int8_t> || std::same_as<T, uint8_t> ||
    std::same_as<T, bool>;

/// The dtype of C++ type T.
template <class T>
inline constexpr DType dtype_of = detail::DTypeOf<std::remove_cv_t<T>>::value;

/// Calls f.operator()<T>() with T the C++ type of `dtype`: any of the ten.
template <class F>
decltype(auto) dispatch_all(DType dtype, F&& f) {
  switch (dtype) {
    case DType::float32:
      return f.template operator()<float>();
    case DType::float64:
      return f.template operator()<double>();
    case DType::float16:
      return f.template operator()<Half>();
    case DType::bfloat16:
      return f.template operator()<BFloat16>();
    case DType::int64:
      return f.template operator()<int64_t>();
    case DType::int32:
      return f.template operator()<int32_t>();
    case DType::int16:
      return f.template operator()<int16_t>();
    case DType::int8:
      return f.template operator()<int8_t>();
    case DType::uint8:
      return f.template operator()<uint8_t>();
    case DType::boolean:
      return f.template operator()<bool>();
  }
  fail("unknown dtype ", static_cast<int>(dtype));
}

/// The same for every type but bool; throws Error naming `op` for bool.
template <class F>
decltype(auto) dispatch_numeric(std::string_view op, DType dtype, F&& f) {
  switch (dtype) {
    case DType::float32:
      return f.template operator()<float>();
    case DType::float64:
      return f.template operator()<double>();
    case DType::float16:
      return f.template operator()<Half>();
    case DType::bfloat16:
      return f.template operator()<BFloat16>();
    case DType::int64:
      return f.template operator()<int64_t>();
    case DType::int32:
      return f.template operator()<int32_t>();
    case DType::int16:
      return f.template operator()<int16_t>();
    case DType::int8:
      return f.template operator()<int8_t>();
    case DType::uint8:
      return f.template operator()<uint8_t>();
    case DType::boolean:
      break;
  }
  fail(op, ": not defined for bool; convert first, with .to(float32) for example");
}

/// The same for the four floating types alone; throws Error naming `op` for the others.
template <class F>
decltype(auto) dispatch_floating(std::string_view op, DType dtype, F&& f) {
  if (dtype == DType::float32) return f.template operator()<float>();
  if (dtype == DType::float64) return f.template operator()<double>();
  if (dtype == DType::float16) return f.template operator()<Half>();
  if (dtype == DType::bfloat16) return f.template operator()<BFloat16>();
  fail(op, ": expected a floating dtype, got ", dtype_name(dtype),
       "; convert first, with .to(float32) for example");
}

/// The same for float32 and float64 alone; throws Error naming `op` for the others.
template <class F>
decltype(auto) dispatch_float_double(std::string_view op, DType dtype, F&& f) {
  if (dtype == DType::float32) return f.template operator()<float>();
  if (dtype == DType::float64) return f.template operator()<double>();
  fail(op, ": expected float32 or float64, got ", dtype_name(dtype),
       "; convert first, with .to(float32) for example");
}

}  // namespace cuttle
