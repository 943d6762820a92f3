// A tensor as text, in PyTorch's manner: aligned columns, long dimensions shortened, long lines
// broken.
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "stream_use.h"
#include "tensor.h"

namespace cuttle {
namespace {

constexpr int64_t kShortenOver = 1000;  // elements
constexpr int64_t kEdgeItems = 3;       // shown at each end of a shortened dimension
constexpr size_t kLineWidth = 80;
constexpr std::string_view kLead = "tensor(";

class Printer {
 public:
  explicit Printer(const Tensor& tensor) : shape_(tensor.shape()), dtype_(tensor.dtype()) {
    refuse_while_capturing(tensor.device(), "printing a tensor", kReadAfterReplay);
    values_ = tensor.to_vector<double>();
    if (dtype_ == int64) integers_ = tensor.to_vector<int64_t>();
    shorten_ = tensor.numel() > kShortenOver;
    std::vector<size_t> shown;
    if (!values_.empty()) collect_shown(0, 0, shown);
    choose_format(shown);
  }

  std::string str() {
    if (values_.empty()) return "[]";
    return shape_.empty() ? cell(0) : nested(0, 0);
  }

 private:
  // Positions along a dimension that are printed; -1 stands for those left out.
  std::vector<int64_t> positions(int dim) const {
    std::vector<int64_t> out;
    const int64_t size = shape_[dim];
    const bool shortened = shorten_ && size > 2 * kEdgeItems;
    for (int64_t i = 0; i < size; ++i) {
      if (shortened && i == kEdgeItems) {
        out.push_back(-1);
        i = size - kEdgeItems;
      }
      out.push_back(i);
    }
    return out;
  }

  int64_t step(int dim) const {
    int64_t product = 1;
    for (int d = dim + 1; d < shape_.size(); ++d) product *= shape_[d];
    return product;
  }

  void collect_shown(int dim, int64_t first, std::vector<size_t>& shown) const {
    if (dim == shape_.size()) {
      shown.push_back(static_cast<size_t>(first));
      return;
    }
    for (const int64_t i : positions(dim))
      if (i >= 0) collect_shown(dim + 1, first + i * step(dim), shown);
  }

  // Floating values share one notation: integers with a point, four digits, or exponents.
  void choose_format(const std::vector<size_t>& shown) {
    double largest = 0, smallest = INFINITY;  // of those that are not 0
    for (const size_t i : shown) {
      const double value = std::abs(values_[i]);
      if (!std::isfinite(value) || value == 0) continue;
      all_whole_ = all_whole_ && value == std::floor(value);
      largest = std::max(largest, value);
      smallest = std::min(smallest, value);
    }
    const bool wide = largest > 1e8 || largest / smallest > 1000;
    if (is_floating_point(dtype_) && largest > 0)
      scientific_ = all_whole_ ? wide : wide || smallest < 1e-4;
    for (const size_t i : shown) {  // zeros and what is not finite do not widen the columns
      const bool counts = values_[i] != 0 && std::isfinite(values_[i]);
      if (counts || !is_floating_point(dtype_)) width_ = std::max(width_, cell(i).size());
    }
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

  std::string padded(size_t i) const {
    const std::string value = cell(i);
    return std::string(width_ > value.size() ? width_ - value.size() : 0, ' ') + value;
  }

  std::string nested(int dim, int64_t first) const {
    if (dim == shape_.size() - 1) return row(first);
    const std::string separator = "," +
                                  std::string(static_cast<size_t>(shape_.size() - 1 - dim), '\n') +
                                  std::string(kLead.size() + static_cast<size_t>(dim) + 1, ' ');
    std::string text = "[";
    for (const int64_t i : positions(dim)) {
      if (i != 0) text += separator;
      text += i < 0 ? "..." : nested(dim + 1, first + i * step(dim));
    }
    return text + "]";
  }

  // The innermost dimension, broken into lines.
  std::string row(int64_t first) const {
    const size_t indent = kLead.size() + static_cast<size_t>(shape_.size()) - 1;
    const size_t room = kLineWidth > indent ? kLineWidth - indent : 0;
    const size_t per_line = std::max<size_t>(1, room / (width_ + 2));
    std::string text = "[";
    size_t count = 0;
    for (const int64_t i : positions(shape_.size() - 1)) {
      if (count > 0) text += count % per_line ? ", " : ",\n" + std::string(indent + 1, ' ');
      text += i < 0 ? " ..." : padded(static_cast<size_t>(first + i));
      ++count;
    }
    return text + "]";
  }

  Shape shape_;
  DType dtype_;
  std::vector<double> values_;
  std::vector<int64_t> integers_;
  bool shorten_ = false, all_whole_ = true, scientific_ = false;
  size_t width_ = 0;
};

// What follows the values: each remark on the last line if it fits there.
std::string with_remarks(std::string text, const std::vector<std::string>& remarks) {
  const size_t last_break = text.rfind('\n');
  size_t line = last_break == std::string::npos ? text.size() + 2 : text.size() - last_break + 1;
  for (const std::string& remark : remarks) {
    const bool fits = line + remark.size() + 2 <= kLineWidth;
    text += fits ? ", " + remark : ",\n" + std::string(kLead.size(), ' ') + remark;
    line = fits ? line + remark.size() + 2 : kLead.size() + remark.size();
  }
  return text + ")";
}

}  // namespace

std::string Tensor::str() const {
  if (!defined()) return "tensor(undefined)";
  std::vector<std::string> remarks;
  if (is_cuda()) remarks.push_back("device='" + device().str() + "'");
  if (numel() == 0 && dim() != 1) {
    const std::string sizes = shape().str();
    remarks.push_back("size=(" + sizes.substr(1, sizes.size() - 2) + ")");
  }
  const bool usual = dtype() == float32 || dtype() == int64 || dtype() == boolean;
  if (!usual || (numel() == 0 && dtype() != float32))
    remarks.push_back("dtype=" + std::string(dtype_name(dtype())));
  if (!grad_fn().empty())
    remarks.push_back("grad_fn=<" + grad_fn() + ">");
  else if (requires_grad())
    remarks.push_back("requires_grad=True");
  return with_remarks(std::string(kLead) + Printer(*this).str(), remarks);
}

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) {
  return out << tensor.str();
}

}  // namespace cuttle
