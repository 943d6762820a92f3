#include "program.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

namespace cuttle::test {
namespace {

using nlohmann::json;

Tensor constant(const json& described, const Device& device) {
  const Shape shape(described["shape"].get<std::vector<int64_t>>());
  return tensor(described["values"].get<std::vector<double>>(), shape)
      .to(device, dtype_from_name(described["dtype"].get<std::string>()));
}

// As programs.py does it.
Tensor laid_out(const Tensor& x, const std::string& layout) {
  if (layout == "transposed" && x.dim() > 1)
    return x.transpose(0, -1).contiguous().transpose(0, -1);
  if (layout == "sliced" && x.dim() > 0) {
    Shape wide = x.shape();
    wide[x.dim() - 1] *= 2;
    const Tensor room = zeros(wide, {.dtype = x.dtype(), .device = x.device()});
    Tensor part = room.slice(-1, 0, wide.back(), 2);
    part.copy_(x);
    return part;
  }
  return x;
}

Tensor weights(const Tensor& like) {
  std::vector<double> values(static_cast<size_t>(like.numel()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = (static_cast<double>(7 * i % 11) - 5) / 5;
  return tensor(values, like.shape()).to(like.device(), like.dtype());
}

// How far two computations of these digits may be apart: twenty times what float32 or float64 cost
// PyTorch itself here (`error`), and a part of the largest value.
double tolerance(const json& program, double error, const std::vector<double>& expected) {
  double largest = 0;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  return 20 * error + (program["dtype"] == "float32" ? 1e-5 : 1e-11) * (1 + largest);
}

std::string compared(const Tensor& got, const std::vector<double>& expected, double allowed) {
  std::ostringstream out;
  out.precision(12);
  const auto values = got.to_vector<double>();
  if (values.size() != expected.size()) {
    out << "has " << values.size() << " elements, not " << expected.size();
    return out.str();
  }
  for (size_t i = 0; i < values.size(); ++i)
    if (!(std::abs(values[i] - expected[i]) <= allowed)) {
      out << "element " << i << " is " << values[i] << ", PyTorch has " << expected[i]
          << " (allowed: " << allowed << ")";
      return out.str();
    }
  return "";
}

// The steps that value number `last` depends on, one a line.
std::string history(const json& program, size_t last) {
  const size_t inputs = program["inputs"].size();
  std::set<size_t> needed = {last};
  for (auto at = needed.rbegin(); at != needed.rend(); ++at)
    if (*at >= inputs)
      for (const auto& arg : program["steps"][*at - inputs]["args"])
        needed.insert(arg.get<size_t>());
  std::ostringstream out;
  out << "seed " << program["seed"] << ", " << program["dtype"] << "\n";
  for (const size_t i : needed) {
    if (i < inputs) {
      out << "  v" << i << " = input " << program["inputs"][i].dump() << "\n";
    } else {
      const json& step = program["steps"][i - inputs];
      out << "  v" << i << " = " << step["op"].get<std::string>() << step["args"].dump() << " "
          << step["options"].dump() << " -> " << step["shape"].dump();
      if (step["op"] == "constant") out << " " << step["values"].dump();
      out << "\n";
    }
  }
  return out.str();
}

std::string all_steps(const json& program) {
  return history(program, program["inputs"].size() + program["steps"].size() - 1) +
         "(and what leads to the other results)\n";
}

class Run {
 public:
  Run(const json& program, const Device& device) : program_(program), device_(device) {
    for (const auto& input : program["inputs"])
      values_.push_back(laid_out(constant(input, device), input["layout"]).requires_grad_());
  }

  std::string steps() {
    for (const auto& step : program_["steps"]) {
      std::string wrong;
      try {
        values_.push_back(computed(step));
        wrong = checked(step, values_.back());
      } catch (const std::exception& e) {
        wrong = std::string("throws: ") + e.what();
      }
      const size_t at = program_["inputs"].size() + (&step - &program_["steps"][0]);
      if (!wrong.empty())
        return "v" + std::to_string(at) + " " + wrong + "\n" + history(program_, at);
    }
    return "";
  }

  std::string gradients() const {
    try {
      return checked_gradients();
    } catch (const std::exception& e) {
      return std::string("the gradients throw: ") + e.what() + "\n" + all_steps(program_);
    }
  }

 private:
  Tensor computed(const json& step) const {
    if (step["op"] == "constant") return constant(step, device_);
    Arguments arguments = {{}, step["options"]};
    for (const auto& arg : step["args"]) arguments.values.push_back(values_[arg.get<size_t>()]);
    return operation(step["op"])(arguments);
  }

  std::string checked(const json& step, const Tensor& got) const {
    if (got.shape() != Shape(step["shape"].get<std::vector<int64_t>>()))
      return "has shape " + got.shape().str() + ", PyTorch's " + step["shape"].dump();
    if (dtype_name(got.dtype()) != step["dtype"].get<std::string>())
      return "is " + std::string(dtype_name(got.dtype())) + ", in PyTorch " + step["dtype"].dump();
    const auto expected = step["values"].get<std::vector<double>>();
    return compared(got, expected, tolerance(program_, step.value("error", 0.0), expected));
  }

  // Σ weights · value over those that no step reads.
  Tensor loss() const {
    std::set<size_t> read;
    for (const auto& step : program_["steps"])
      for (const auto& arg : step["args"]) read.insert(arg.get<size_t>());
    Tensor sum;
    for (size_t i = 0; i < values_.size(); ++i)
      if (!read.contains(i) && values_[i].requires_grad()) {
        const Tensor part = (weights(values_[i]) * values_[i]).sum();
        sum = sum.defined() ? sum + part : part;
      }
    return sum;
  }

  std::string checked_gradients() const {
    const std::vector<Tensor> leaves(values_.begin(), values_.begin() + program_["inputs"].size());
    const auto& second = program_["second"];
    const bool twice = std::any_of(second.begin(), second.end(),
                                   [](const json& entry) { return !entry.is_null(); });
    const auto first = grad(loss(), leaves, {}, {.create_graph = twice, .allow_unused = true});
    const std::string wrong = differing("gradient", "first", first);
    if (!wrong.empty() || !twice) return wrong;
    Tensor again;
    for (const Tensor& g : first)
      if (g.defined() && g.requires_grad()) {
        const Tensor part = (weights(g) * g).sum();
        again = again.defined() ? again + part : part;
      }
    const auto none = std::vector<Tensor>(leaves.size());  // of constants
    return differing("second gradient", "second",
                     again.defined() ? grad(again, leaves, {}, {.allow_unused = true}) : none);
  }

  std::string differing(const std::string& what, const char* key,
                        const std::vector<Tensor>& got) const {
    for (size_t i = 0; i < got.size(); ++i) {
      const json& entry = program_[key][i];
      std::vector<double> expected(static_cast<size_t>(values_[i].numel()), 0.0);  // none is zero
      if (!entry.is_null()) expected = entry["values"].get<std::vector<double>>();
      const Tensor mine = got[i].defined() ? got[i] : zeros_like(values_[i]);
      const double error = entry.is_null() ? 0.0 : entry["error"].get<double>();
      const std::string wrong = compared(mine, expected, tolerance(program_, error, expected));
      if (!wrong.empty())
        return "the " + what + " of v" + std::to_string(i) + ": " + wrong + "\n" +
               all_steps(program_);
    }
    return "";
  }

  const json& program_;
  Device device_;
  std::vector<Tensor> values_;
};

}  // namespace

std::string difference(const json& program, const Device& device) {
  Run run(program, device);
  const std::string wrong = run.steps();
  return wrong.empty() ? run.gradients() : wrong;
}

}  // namespace cuttle::test
