// A tensor as text, in PyTorch's manner: aligned columns, long dimensions shortened, long lines
// broken.
#include "print.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <mutex>
#include <sstream>

#include "autograd/grad_mode.h"
#include "creation.h"
#include "stream_use.h"
#include "tensor.h"

namespace cuttle {
namespace {

std::mutex options_mutex;
PrintOptions options_now;

constexpr std::string_view kLead = "tensor(";

class Printer {
 public:
  Printer(const Tensor& tensor, const PrintOptions& options)
      : options_(options), dtype_(tensor.dtype()) {
    refuse_while_capturing(tensor.device(), "printing a tensor", kReadAfterReplay);
    const NoGradGuard no_grad;
    const Tensor shown = shortened(tensor.detach());
    shape_ = shown.shape();
    values_ = shown.to_vector<double>();
    if (dtype_ == int64) integers_ = shown.to_vector<int64_t>();
    choose_format();
  }

  std::string str() {
    if (values_.empty()) return "[]";
    return shape_.empty() ? cell(0) : nested(0, 0);
  }

 private:
  // What is printed of the tensor: all, or of a large one the ends of each dimension.
  Tensor shortened(Tensor x) {
    if (x.numel() <= options_.threshold) return x;
    for (int d = 0; d < x.dim(); ++d) {
      if (x.size(d) <= 2 * options_.edgeitems) continue;
      left_out_[static_cast<size_t>(d)] = true;
      x = cat({x.narrow(d, 0, options_.edgeitems),
               x.narrow(d, x.size(d) - options_.edgeitems, options_.edgeitems)},
              d);
    }
    return x;
  }

  // Positions along a dimension that are printed; -1 stands for those left out.
  std::vector<int64_t> positions(int dim) const {
    std::vector<int64_t> out;
    for (int64_t i = 0; i < shape_[dim]; ++i) {
      if (left_out_[static_cast<size_t>(dim)] && i == options_.edgeitems) out.push_back(-1);
      out.push_back(i);
    }
    return out;
  }

  int64_t step(int dim) const {
    int64_t product = 1;
    for (int d = dim + 1; d < shape_.size(); ++d) product *= shape_[d];
    return product;
  }

  // Floating values share one notation: integers with a point, four digits, or exponents.
  void choose_format() {
    double largest = 0, smallest = INFINITY;  // of those that are not 0
    for (const double signed_value : values_) {
      const double value = std::abs(signed_value);
      if (!std::isfinite(value) || value == 0) continue;
      all_whole_ = all_whole_ && value == std::floor(value);
      largest = std::max(largest, value);
      smallest = std::min(smallest, value);
    }
    const bool wide = largest > 1e8 || largest / smallest > 1000;
    if (is_floating_point(dtype_) && largest > 0)
      scientific_ = all_whole_ ? wide : wide || smallest < 1e-4;
    for (size_t i = 0; i < values_.size(); ++i) {  // zeros and what is not finite widen no columns
      const bool counts = values_[i] != 0 && std::isfinite(values_[i]);
      if (counts || !is_floating_point(dtype_)) width_ = std::max(width_, cell(i).size());
    }
    // As in PyTorch: what was asked for does not change the columns' width.
    if (largest > 0) scientific_ = options_.sci_mode.value_or(scientific_);
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
      text << std::scientific << std::setprecision(options_.precision) << values_[i];
    } else if (all_whole_) {
      text << std::fixed << std::setprecision(0) << values_[i] << '.';
    } else {
      text << std::fixed << std::setprecision(options_.precision) << values_[i];
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
    const auto width = static_cast<size_t>(options_.linewidth);
    const size_t room = width > indent ? width - indent : 0;
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

  PrintOptions options_;
  Shape shape_;  // of what is shown
  DType dtype_;
  std::array<bool, kMaxRank> left_out_{};  // along which dimensions
  std::vector<double> values_;
  std::vector<int64_t> integers_;
  bool all_whole_ = true, scientific_ = false;
  size_t width_ = 1;
};

// What follows the values: each remark on the last line if it fits there.
std::string with_remarks(std::string text, const std::vector<std::string>& remarks,
                         size_t line_width) {
  const size_t last_break = text.rfind('\n');
  size_t line = last_break == std::string::npos ? text.size() + 2 : text.size() - last_break + 1;
  for (const std::string& remark : remarks) {
    const bool fits = line + remark.size() + 2 <= line_width;
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
  const PrintOptions options = get_printoptions();
  return with_remarks(std::string(kLead) + Printer(*this, options).str(), remarks,
                      static_cast<size_t>(options.linewidth));
}

void set_printoptions(const PrintOptions& options) {
  if (options.precision < 0 || options.edgeitems < 1 || options.linewidth < 1)
    fail(
        "set_printoptions: expected a precision of 0 or more, and edgeitems and linewidth of 1 or "
        "more; got ",
        options.precision, ", ", options.edgeitems, " and ", options.linewidth);
  const std::lock_guard lock(options_mutex);
  options_now = options;
}

PrintOptions get_printoptions() {
  const std::lock_guard lock(options_mutex);
  return options_now;
}

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) {
  return out << tensor.str();
}

}  // namespace cuttle
