// What stands between the brackets of x[…]: numbers, slices, None, an ellipsis, masks, index
// tensors.
#pragma once

#include <concepts>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "tensor.h"

namespace cuttle {

/// libtorch's torch::indexing: using namespace cuttle::indexing; x.index({Slice(1, None, 2),
/// "..."}).
namespace indexing {

struct NoneType {};
/// A new dimension of size 1 or, as a bound of a slice, none.
inline constexpr NoneType None{};

struct EllipsisType {};
/// As many whole dimensions as are not named.
inline constexpr EllipsisType Ellipsis{};

/// start:stop:step. Negative bounds count from the back, bounds beyond an end stand for that end.
/// The step is at least 1.
class Slice {
 public:
  class Bound {
   public:
    Bound(NoneType) {}              // NOLINT: None is a bound
    Bound(SizeArgument auto value)  // NOLINT: a number is a bound
        : value_(static_cast<int64_t>(value)) {}
    std::optional<int64_t> value() const { return value_; }

   private:
    std::optional<int64_t> value_;
  };

  Slice(Bound start = None, Bound stop = None, Bound step = None)  // NOLINT: Slice() is ":"
      : start_(start), stop_(stop), step_(step) {}

  std::optional<int64_t> start() const { return start_.value(); }
  std::optional<int64_t> stop() const { return stop_.value(); }
  int64_t step() const { return step_.value().value_or(1); }

 private:
  Bound start_, stop_, step_;
};

}  // namespace indexing

/// One thing between the brackets of x[…].
class TensorIndex {
 public:
  using Token = std::variant<indexing::NoneType, indexing::EllipsisType, int64_t, bool,
                             indexing::Slice, Tensor>;

  TensorIndex(indexing::NoneType none) : token_(none) {}              // NOLINT: all of these are
  TensorIndex(indexing::EllipsisType ellipsis) : token_(ellipsis) {}  // NOLINT: what an index is
  TensorIndex(indexing::Slice slice) : token_(slice) {}               // NOLINT
  TensorIndex(const Tensor& tensor) : token_(tensor) {}               // NOLINT
  TensorIndex(const IndexedTensor& tensor)                            // NOLINT
      : token_(static_cast<const Tensor&>(tensor)) {}
  TensorIndex(std::same_as<bool> auto flag) : token_(flag) {}                    // NOLINT
  TensorIndex(SizeArgument auto index) : token_(static_cast<int64_t>(index)) {}  // NOLINT
  /// "...".
  TensorIndex(const char* ellipsis);  // NOLINT

  const Token& token() const { return token_; }

 private:
  Token token_;
};

/// What x.index({…}) gives. As a temporary it takes assignments by writing the elements of x, as
/// Python's x[…] = y does; once it has a name, assignment makes the name mean another tensor.
class [[nodiscard]] IndexedElements : public Tensor {
 public:
  IndexedElements(Tensor elements, Tensor source, std::vector<TensorIndex> indices);
  IndexedElements(const IndexedElements&) = default;
  IndexedElements(IndexedElements&&) noexcept = default;
  ~IndexedElements() = default;

  void operator=(const Tensor& values) && { write(values); }
  void operator=(const IndexedElements& values) && { write(values); }
  void operator=(Scalar value) &&;
  Tensor& operator=(const Tensor& other) & { return Tensor::operator=(other); }
  Tensor& operator=(const IndexedElements& other) & { return Tensor::operator=(other); }

  // x.index({…}) += y reads, adds and writes back, so that of elements that are named twice the
  // last one's sum stays, as in Python; index_put_(…, accumulate) adds up all.
  template <class Value>
  Tensor& operator+=(const Value& value) & {
    return Tensor::operator+=(value);
  }
  template <class Value>
  void operator+=(const Value& value) && {
    Tensor::operator+=(value);
    write_back();
  }
  template <class Value>
  Tensor& operator-=(const Value& value) & {
    return Tensor::operator-=(value);
  }
  template <class Value>
  void operator-=(const Value& value) && {
    Tensor::operator-=(value);
    write_back();
  }
  template <class Value>
  Tensor& operator*=(const Value& value) & {
    return Tensor::operator*=(value);
  }
  template <class Value>
  void operator*=(const Value& value) && {
    Tensor::operator*=(value);
    write_back();
  }
  template <class Value>
  Tensor& operator/=(const Value& value) & {
    return Tensor::operator/=(value);
  }
  template <class Value>
  void operator/=(const Value& value) && {
    Tensor::operator/=(value);
    write_back();
  }

 private:
  void write(const Tensor& values);
  void write_back();

  Tensor source_;
  std::vector<TensorIndex> indices_;
};

}  // namespace cuttle
