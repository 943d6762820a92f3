// A tensor as text, in PyTorch's manner: aligned columns, long dimensions shortened.
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "tensor.h"

namespace cuttle {
namespace {

constexpr int64_t kShortenOver = 1000;  // elements
constexpr int64_t kEdgeItems = 3;       // shown at each end of a shortened dimension

class Printer {
 public:
  Printer(const Tensor& tensor, std::string_view lead)
      : shape_(tensor.shape()), dtype_(tensor.dtype()), lead_(lead.size()) {
    values_ = tensor.to_vector<double>();
    if (dtype_ == int64) integers_ = tensor.to_vector<int64_t>();
    shorten_ = tensor.numel() > kShortenOver;
    choose_format();
  }

  std::string str() {
    if (shape_.empty()) return cell(0);
    if (values_.empty()) return "[]";
    return nested(0, 0);
  }

 private:
  // Floating values share one notation: integers with a point, four digits, or exponents.
  void choose_format() {
    double largest = 0, smallest = INFINITY;
    for (const double value : values_) {
      if (!std::isfinite(value)) continue;
      all_whole_ = all_whole_ && value == std::floor(value);
      largest = std::max(largest, std::abs(value));
      if (value != 0) smallest = std::min(smallest, std::abs(value));
    }
    scientific_ =
        is_floating_point(dtype_) &&
        (largest >= 1e8 || (!all_whole_ && (largest / smallest > 1000 || smallest < 1e-4)));
    for (size_t i = 0; i < values_.size(); ++i)
      if (!shorten_ || values_.size() < 4096 || i % 7 == 0)
        width_ = std::max(width_, cell(i).size());
  }

  std::string cell(size_t i) const {
    std::ostringstream text;
    if (dtype_ == boolean) {
      text << (values_[i] != 0 ? "True" : "False");
    } else if (dtype_ == int64) {
      text << integers_[i];
    } else if (!is_floating_point(dtype_)) {
      text << static_cast<int64_t>(values_[i]);
    } else if (!std::isfinite(values_[i])) {
      text << (std::isnan(values_[i]) ? "nan" : values_[i] > 0 ? "inf" : "-inf");
    } else if (scientific_) {
      text << std::scientific << std::setprecision(4) << values_[i];
    } else if (all_whole_) {
      text << std::fixed << std::setprecision(0) << values_[i] << '.';
    } else {
      text << std::fixed << std::setprecision(4) << values_[i];
    }
    return text.str();
  }

  std::string nested(int dim, int64_t first) const {
    const int64_t size = shape_[dim];
    int64_t step = 1;
    for (int d = dim + 1; d < shape_.size(); ++d) step *= shape_[d];
    const bool innermost = dim == shape_.size() - 1;
    std::string separator = innermost ? ", " : ",";
    if (!innermost) {
      separator.append(static_cast<size_t>(shape_.size() - 1 - dim), '\n');
      separator.append(lead_ + static_cast<size_t>(dim) + 1, ' ');
    }
    std::string text = "[";
    for (int64_t i = 0; i < size; ++i) {
      if (shorten_ && size > 2 * kEdgeItems && i == kEdgeItems) {
        text.append(separator).append("...");
        i = size - kEdgeItems;
      }
      if (i > 0) text += separator;
      if (innermost) {
        const std::string value = cell(static_cast<size_t>(first + i));
        text.append(width_ > value.size() ? width_ - value.size() : 0, ' ').append(value);
      } else {
        text += nested(dim + 1, first + i * step);
      }
    }
    text += ']';
    return text;
  }

  Shape shape_;
  DType dtype_;
  size_t lead_;
  std::vector<double> values_;
  std::vector<int64_t> integers_;
  bool shorten_ = false, all_whole_ = true, scientific_ = false;
  size_t width_ = 0;
};

}  // namespace

std::string Tensor::str() const {
  if (!defined()) return "tensor(undefined)";
  std::string text = "tensor(";
  text += Printer(*this, text).str();
  if (numel() == 0 && shape() != Shape{0}) text += ", size=" + shape().str();
  if (is_cuda()) text += ", device='" + device().str() + "'";
  const bool usual = dtype() == float32 || dtype() == int64 || dtype() == boolean;
  if (!usual || (numel() == 0 && dtype() != float32))
    text += ", dtype=" + std::string(dtype_name(dtype()));
  if (!grad_fn().empty())
    text += ", grad_fn=<" + grad_fn() + ">";
  else if (requires_grad())
    text += ", requires_grad=True";
  return text + ")";
}

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) {
  return out << tensor.str();
}

}  // namespace cuttle
