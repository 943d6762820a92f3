#include "dtype.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cuttle {
namespace {

constexpr std::array<std::pair<DType, std::string_view>, 10> kNames = {{
    {DType::float32, "float32"},
    {DType::float64, "float64"},
    {DType::float16, "float16"},
    {DType::bfloat16, "bfloat16"},
    {DType::int64, "int64"},
    {DType::int32, "int32"},
    {DType::int16, "int16"},
    {DType::int8, "int8"},
    {DType::uint8, "uint8"},
    {DType::boolean, "bool"},
}};

// A place in a row in which the later one of two is the result, but for the two pairs below.
constexpr int promotion_rank(DType dtype) {
  switch (dtype) {
    case DType::boolean:
      return 0;
    case DType::uint8:
      return 1;
    case DType::int8:
      return 2;
    case DType::int16:
      return 3;
    case DType::int32:
      return 4;
    case DType::int64:
      return 5;
    case DType::float16:
      return 6;
    case DType::bfloat16:
      return 7;
    case DType::float32:
      return 8;
    case DType::float64:
      return 9;
  }
  return 9;
}

bool are(DType a, DType b, DType one, DType other) {
  return (a == one && b == other) || (a == other && b == one);
}

}  // namespace

size_t element_size(DType dtype) {
  return dispatch_all(dtype, []<class T>() { return sizeof(T); });
}

std::string_view dtype_name(DType dtype) {
  for (const auto& [type, name] : kNames)
    if (type == dtype) return name;
  return "unknown";
}

std::ostream& operator<<(std::ostream& out, DType dtype) {
  return out << dtype_name(dtype);
}

DType dtype_from_name(std::string_view name) {
  for (const auto& [type, known] : kNames)
    if (known == name) return type;
  fail("no dtype is called '", name,
       "'; there are float32, float64, float16, bfloat16, int64, int32, int16, "
       "int8, uint8, bool");
}

DType promote_types(DType a, DType b) {
  if (are(a, b, uint8, int8)) return int16;
  if (are(a, b, float16, bfloat16)) return float32;
  return promotion_rank(a) >= promotion_rank(b) ? a : b;
}

}  // namespace cuttle
