// Which classes a classifier takes for which.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../core/tensor.h"

namespace cuttle {

/// Counts, over as many batches as there are, how often examples of each class were taken for each
/// class.
class ConfusionMatrix {
 public:
  /// Throws Error without a class.
  explicit ConfusionMatrix(std::vector<std::string> classes);

  /// Adds a batch, from any device: the true classes (N), and the predicted ones (N) or logits (N,
  /// C), the first largest of which is taken. Waits for a GPU. Throws Error, and counts nothing, if
  /// the shapes do not fit, a class is not in 0 … C − 1, or these are no whole numbers.
  void update(const Tensor& targets, const Tensor& predictions);

  const std::vector<std::string>& classes() const noexcept { return classes_; }
  /// int64 (C, C): row, the true class; column, the predicted one.
  Tensor counts() const;
  /// How many examples of a class there were, and how many of them were recognised.
  int64_t total(size_t target) const;
  int64_t correct(size_t target) const { return count(target, target); }
  /// The same of all classes, and the share: 0 where there is no example.
  int64_t total() const;
  int64_t correct() const;
  double accuracy() const;

  /// A line for each class: examples, accuracy, and what else it was most often taken for; and one
  /// for all. Each line ends in \n.
  std::string table() const;

 private:
  int64_t count(size_t target, size_t predicted) const {
    return counts_[target * classes_.size() + predicted];
  }

  std::vector<std::string> classes_;
  std::vector<int64_t> counts_;  // (C, C)
};

}  // namespace cuttle
