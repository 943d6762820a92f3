// The dimensions that a reduction goes over, however they are written.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace cuttle {

/// x.sum(), x.sum(0), x.sum({0, -1}): no dimension means all of them, as in PyTorch.
class Dims {
 public:
  Dims() = default;
  template <std::integral T>
  requires(!std::same_as<T, bool>) Dims(T dim)  // NOLINT: a number is a dimension
      : dims_{static_cast<int64_t>(dim)} {}
  Dims(std::initializer_list<int64_t> dims) : dims_(dims) {}
  Dims(std::vector<int64_t> dims) : dims_(std::move(dims)) {}  // NOLINT: and a vector several

  bool empty() const noexcept { return dims_.empty(); }
  size_t size() const noexcept { return dims_.size(); }
  auto begin() const noexcept { return dims_.begin(); }
  auto end() const noexcept { return dims_.end(); }

 private:
  std::vector<int64_t> dims_;
};

}  // namespace cuttle
