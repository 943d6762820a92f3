#include "shape.h"

#include <algorithm>

#include "../kernels/error.h"

namespace cuttle {
namespace {

// Strides of an empty tensor may exceed 64 bits though it has no elements: they wrap, unused.
int64_t times(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

}  // namespace

Shape::Shape(std::span<const int64_t> values) {
  if (values.size() > kMaxRank)
    fail("a tensor has at most ", kMaxRank, " dimensions, got ", values.size());
  std::copy(values.begin(), values.end(), values_.begin());
  size_ = static_cast<int>(values.size());
}

Shape Shape::filled(int rank, int64_t value) {
  if (rank > kMaxRank) fail("a tensor has at most ", kMaxRank, " dimensions, got ", rank);
  Shape shape;
  std::fill_n(shape.begin(), rank, value);
  shape.size_ = rank;
  return shape;
}

void Shape::push_back(int64_t value) {
  if (size_ == kMaxRank) fail("a tensor has at most ", kMaxRank, " dimensions");
  values_[static_cast<size_t>(size_++)] = value;
}

void Shape::insert(int position, int64_t value) {
  if (size_ == kMaxRank) fail("a tensor has at most ", kMaxRank, " dimensions");
  std::copy_backward(begin() + position, end(), end() + 1);
  values_[static_cast<size_t>(position)] = value;
  ++size_;
}

void Shape::erase(int position) {
  std::copy(begin() + position + 1, end(), begin() + position);
  --size_;
}

int64_t Shape::numel() const {
  int64_t product = 1;
  bool overflow = false, negative = false, empty = false;
  for (const int64_t size : *this) {
    negative |= size < 0;
    empty |= size == 0;
    overflow |= __builtin_mul_overflow(product, size, &product);
  }
  if (negative) fail("a size cannot be negative: ", str());
  if (empty) return 0;
  if (overflow) fail("a tensor of shape ", str(), " has more elements than can be counted");
  return product;
}

std::string Shape::str() const {
  std::string text = "[";
  for (int i = 0; i < size_; ++i) text += (i ? ", " : "") + std::to_string((*this)[i]);
  return text + "]";
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  return out << shape.str();
}

Strides dense_strides(const Shape& shape, MemoryFormat format) {
  Strides strides = Shape::filled(shape.size(), 1);
  if (format == MemoryFormat::channels_last) {
    if (shape.size() != 4)
      fail("channels_last is a layout of four dimensions (N, C, H, W), got shape ", shape);
    const int64_t c = std::max<int64_t>(shape[1], 1), h = std::max<int64_t>(shape[2], 1),
                  w = std::max<int64_t>(shape[3], 1);
    return {times(h, times(w, c)), 1, times(w, c), c};
  }
  for (int d = shape.size() - 2; d >= 0; --d)
    strides[d] = times(strides[d + 1], std::max<int64_t>(shape[d + 1], 1));
  return strides;
}

bool is_dense(const Shape& shape, const Strides& strides, MemoryFormat format) {
  if (format == MemoryFormat::channels_last && shape.size() != 4) return false;
  const Strides dense = dense_strides(shape, format);
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return true;
  for (int d = 0; d < shape.size(); ++d)
    if (shape[d] != 1 && strides[d] != dense[d]) return false;
  return true;
}

bool is_dense_in_some_order(const Shape& shape, const Strides& strides) {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return true;
  // From the innermost dimension outwards, each begins where those before it end. No dimension fits
  // twice, for the expected stride grows.
  int64_t expected = 1;
  for (int inner = 0; inner < shape.size(); ++inner) {
    if (shape[inner] == 1) continue;
    int next = 0;
    while (next < shape.size() && (shape[next] == 1 || strides[next] != expected)) ++next;
    if (next == shape.size()) return false;
    expected *= shape[next];
  }
  return true;
}

int wrap_dim(std::string_view op, int64_t dim, int rank) {
  const int64_t range = std::max(rank, 1);
  if (dim < -range || dim >= range)
    fail(op, ": dimension ", dim, " is out of range for a tensor of ", rank, " dimensions; ",
         -range, " to ", range - 1, " are valid");
  return static_cast<int>(dim < 0 ? dim + range : dim);
}

Shape broadcast_shapes(std::string_view op, const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape out = longer;
  const int shift = longer.size() - shorter.size();
  for (int d = 0; d < shorter.size(); ++d) {
    int64_t& size = out[d + shift];
    if (size == 1) {
      size = shorter[d];
    } else if (shorter[d] != 1 && shorter[d] != size) {
      fail(op, ": shapes ", a, " and ", b, " do not broadcast: dimension ", d + shift, " is ",
           longer[d + shift], " in one and ", shorter[d],
           " in the other; they must be equal, or one of them 1");
    }
  }
  return out;
}

}  // namespace cuttle
