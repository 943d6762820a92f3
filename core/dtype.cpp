#include "dtype.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cuttle {
namespace {

constexpr std::array<std::pair<DType, std::string_view>, 6> kNames = {{
    {DType::float32, "float32"},
    {DType::float64, "float64"},
    {DType::int64, "int64"},
    {DType::int32, "int32"},
    {DType::uint8, "uint8"},
    {DType::boolean, "bool"},
}};

constexpr int promotion_rank(DType dtype) {
  switch (dtype) {
    case DType::boolean:
      return 0;
    case DType::uint8:
      return 1;
    case DType::int32:
      return 2;
    case DType::int64:
      return 3;
    case DType::float32:
      return 4;
    case DType::float64:
      return 5;
  }
  return 5;
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
  fail("no dtype is called '", name, "'; there are float32, float64, int64, int32, uint8, bool");
}

DType promote_types(DType a, DType b) {
  return promotion_rank(a) >= promotion_rank(b) ? a : b;
}

}  // namespace cuttle
