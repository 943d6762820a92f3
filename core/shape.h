// The sizes of a tensor, and its strides: up to eight numbers held in place.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "../kernels/strided.h"

namespace cuttle {

using kernels::kMaxRank;

/// A size or a dimension given as an argument of its own: x.view(-1, 3), zeros(2, 3).
template <class T>
concept SizeArgument = std::integral<T> && !std::same_as<T, bool>;

/// A list of at most kMaxRank integers. Throws Error when it would grow beyond.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> values) : Shape(std::span(values.begin(), values.size())) {}
  Shape(const std::vector<int64_t>& values)  // NOLINT: a vector of sizes is a shape
      : Shape(std::span(values)) {}
  explicit Shape(std::span<const int64_t> values);

  /// `rank` times the same value.
  static Shape filled(int rank, int64_t value);

  int size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  int64_t operator[](int i) const noexcept { return values_[static_cast<size_t>(i)]; }
  int64_t& operator[](int i) noexcept { return values_[static_cast<size_t>(i)]; }
  int64_t back() const noexcept { return values_[static_cast<size_t>(size_ - 1)]; }
  const int64_t* begin() const noexcept { return values_.data(); }
  const int64_t* end() const noexcept { return values_.data() + size_; }
  int64_t* begin() noexcept { return values_.data(); }
  int64_t* end() noexcept { return values_.data() + size_; }

  void push_back(int64_t value);
  void insert(int position, int64_t value);
  void erase(int position);

  /// The product of all; 1 for none. Throws Error if it does not fit 64 bits or a size is negative.
  int64_t numel() const;
  /// "[64, 3, 32, 32]".
  std::string str() const;

  friend bool operator==(const Shape& a, const Shape& b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::array<int64_t, kMaxRank> values_{};
  int size_ = 0;
};

/// Distances, in elements, between neighbours along each dimension.
using Strides = Shape;

std::ostream& operator<<(std::ostream& out, const Shape& shape);

/// The order in which a dense tensor's elements lie in memory; logical shapes never change.
enum class MemoryFormat {
  contiguous,     // the last dimension innermost
  channels_last,  // rank 4 alone: (N, C, H, W) stored as N, H, W, C
};

/// Strides of a dense tensor. Throws Error for channels_last of a rank other than 4.
Strides dense_strides(const Shape& shape, MemoryFormat format = MemoryFormat::contiguous);

/// True if the elements lie densely in that order (dimensions of size 1 and empty tensors impose
/// nothing).
bool is_dense(const Shape& shape, const Strides& strides, MemoryFormat format);

/// True if some order of the dimensions is dense: every element of the span is used exactly once.
bool is_dense_in_some_order(const Shape& shape, const Strides& strides);

/// `dim` counted from the front; negative values count from the back. Throws Error out of range;
/// rank 0 is treated as rank 1, as PyTorch does.
int wrap_dim(std::string_view op, int64_t dim, int rank);

/// The shape that two shapes broadcast to (PyTorch's and NumPy's rule). Throws Error naming `op`.
Shape broadcast_shapes(std::string_view op, const Shape& a, const Shape& b);

}  // namespace cuttle
