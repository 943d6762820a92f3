#include "confusion_matrix.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "../core/creation.h"
#include "../core/text.h"
#include "../core/text_table.h"

namespace cuttle {
namespace {

std::string percent(int64_t part, int64_t whole) {
  if (whole == 0) return "-";
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %%",
                100 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(std::vector<std::string> classes) : classes_(std::move(classes)) {
  if (classes_.empty()) fail("ConfusionMatrix: there is no class");
  counts_.resize(classes_.size() * classes_.size());
}

void ConfusionMatrix::update(const Tensor& targets, const Tensor& predictions) {
  const auto number = static_cast<int64_t>(classes_.size());
  const bool logits = predictions.dim() == 2;
  if (targets.dim() != 1 || predictions.dim() < 1 || predictions.dim() > 2 ||
      predictions.size(0) != targets.size(0) || (logits && predictions.size(1) != number)) {
    fail("ConfusionMatrix: expected targets [N] and predictions [N] or [N, ", number, "], got ",
         targets.shape(), " and ", predictions.shape());
  }
  const auto classes_of = [&](const char* what, const Tensor& tensor) {
    if (is_floating_point(tensor.dtype())) {
      fail("ConfusionMatrix: ", what, " are whole numbers, got ", tensor.dtype());
    }
    const auto values = tensor.to(int64).to_vector<int64_t>();
    for (const int64_t value : values) {
      if (value < 0 || value >= number) {
        fail("ConfusionMatrix: ", what, " of ", number, " classes are 0 to ", number - 1, ", got ",
             value);
      }
    }
    return values;
  };
  const auto wanted = classes_of("targets", targets);
  const auto taken = classes_of("predictions", logits ? predictions.argmax(1) : predictions);
  for (size_t i = 0; i < wanted.size(); ++i)
    ++counts_[static_cast<size_t>(wanted[i] * number + taken[i])];
}

Tensor ConfusionMatrix::counts() const {
  const auto number = static_cast<int64_t>(classes_.size());
  return tensor(counts_, {number, number});
}

int64_t ConfusionMatrix::total(size_t target) const {
  const auto row = counts_.begin() + static_cast<ptrdiff_t>(target * classes_.size());
  return std::accumulate(row, row + static_cast<ptrdiff_t>(classes_.size()), int64_t{0});
}

int64_t ConfusionMatrix::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), int64_t{0});
}

int64_t ConfusionMatrix::correct() const {
  int64_t sum = 0;
  for (size_t i = 0; i < classes_.size(); ++i) sum += correct(i);
  return sum;
}

double ConfusionMatrix::accuracy() const {
  return static_cast<double>(correct()) / static_cast<double>(std::max<int64_t>(1, total()));
}

std::string ConfusionMatrix::table() const {
  TextTable table({"class", "examples", "accuracy", "most often taken for"});
  for (size_t i = 0; i < classes_.size(); ++i) {
    size_t other = i == 0 ? 1 : 0;  // the first of the largest beside the class itself
    for (size_t j = other; j < classes_.size(); ++j) {
      if (j != i && count(i, j) > count(i, other)) other = j;
    }
    std::string mistaken;
    if (other < classes_.size() && count(i, other) > 0) {
      mistaken = printable(classes_[other]) + " (" + percent(count(i, other), total(i)) + ")";
    }
    table.add_row({printable(classes_[i]), std::to_string(total(i)), percent(correct(i), total(i)),
                   mistaken});
  }
  table.add_line();
  table.add_row({"all", std::to_string(total()), percent(correct(), total()), ""});
  return table.str();
}

}  // namespace cuttle
