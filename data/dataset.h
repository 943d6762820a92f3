// What a data set is: examples by number. Data sets live on the host; what a loader yields is
// moved.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "../core/tensor.h"

namespace cuttle {

/// What is to be found for an example: the number of its class, or a tensor.
class Target {
 public:
  template <std::integral T>
  Target(T number) : number_(static_cast<int64_t>(number)) {}  // NOLINT: numbers are targets
  Target(Tensor values) : values_(std::move(values)) {}        // NOLINT: and tensors are
  Target() = default;

  bool is_tensor() const noexcept { return values_.defined(); }
  /// Undefined where the target is a number.
  const Tensor& tensor() const noexcept { return values_; }
  /// Throws Error where the target is a tensor.
  operator int64_t() const {  // NOLINT: most targets are numbers
    if (is_tensor()) fail("Target: expected a number, this one is a tensor; ask for tensor()");
    return number_;
  }

 private:
  int64_t number_ = 0;
  Tensor values_;
};

/// One example: an input and its target; whatever else belongs to it in `more`.
/// auto [image, target] = dataset.get(0) names the first two.
struct Example {
  Tensor image;
  Target target = {};
  std::vector<Tensor> more = {};
};

/// Examples put together, each tensor with one dimension more in front; a loader yields it.
/// for (auto [images, targets] : loader) names the first two.
struct Batch {
  Tensor images;                  // (B, …)
  Tensor targets;                 // (B) int64 for numbers, (B, …) for tensors
  std::vector<Tensor> more = {};  // (B, …) each
};

/// Base class of data sets. get() must give the same example for the same index (its random
/// augmentation apart), on the CPU, and tensors of one shape and dtype if a DataLoader is to batch
/// them. A loader with workers calls it from several threads at once.
class Dataset {
 public:
  virtual ~Dataset() = default;
  /// Throws Error if `index` is not below size().
  virtual Example get(size_t index) const = 0;
  virtual size_t size() const = 0;

  /// The batch of these examples, for data sets that make one faster than example by example, with
  /// the same values. Without one, as here, a loader puts together what get() gives. The indices
  /// are below size().
  virtual std::optional<Batch> get_batch(std::span<const int64_t> indices) const {
    static_cast<void>(indices);
    return std::nullopt;
  }
};

/// How data sets and loaders hold another data set: one that outlives them, or a shared one, which
/// they keep alive.
class DatasetRef {
 public:
  DatasetRef(const Dataset& dataset)  // NOLINT: a data set can stand for it
      : dataset_(std::shared_ptr<void>(), &dataset) {}
  DatasetRef(const Dataset&& dataset) = delete;  // it would be gone
  /// Throws Error for a null pointer.
  template <std::derived_from<Dataset> D>
  DatasetRef(std::shared_ptr<D> dataset) : dataset_(std::move(dataset)) {  // NOLINT
    if (dataset_ == nullptr) fail("the data set is a null pointer");
  }

  const Dataset& operator*() const noexcept { return *dataset_; }
  const Dataset* operator->() const noexcept { return dataset_.get(); }

 private:
  std::shared_ptr<const Dataset> dataset_;
};

// The first two members of an Example or a Batch, for structured bindings.
template <size_t I, class T>
requires std::same_as<std::remove_cvref_t<T>, Example>
constexpr auto&& get(T&& example) noexcept {
  if constexpr (I == 0)
    return std::forward<T>(example).image;
  else
    return std::forward<T>(example).target;
}
template <size_t I, class T>
requires std::same_as<std::remove_cvref_t<T>, Batch>
constexpr auto&& get(T&& batch) noexcept {
  if constexpr (I == 0)
    return std::forward<T>(batch).images;
  else
    return std::forward<T>(batch).targets;
}

}  // namespace cuttle

template <>
struct std::tuple_size<cuttle::Example> : std::integral_constant<std::size_t, 2> {};
template <std::size_t I>
struct std::tuple_element<I, cuttle::Example> {
  using type = std::conditional_t<I == 0, cuttle::Tensor, cuttle::Target>;
};
template <>
struct std::tuple_size<cuttle::Batch> : std::integral_constant<std::size_t, 2> {};
template <std::size_t I>
struct std::tuple_element<I, cuttle::Batch> {
  using type = cuttle::Tensor;
};
