// The table of wrong uses that wrong_uses_test.cpp goes through on every device. Each file of this
// folder adds those of one family:
//     const WrongUses uses("views", {WRONG("view", "another number of elements",
//                                          x.f({2, 3}).view(4), "[2, 3]", "[4]")});
#pragma once

#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cuttle::test {

/// Operands of wrong uses: tensors of ones.
class Operands {
 public:
  explicit Operands(const Device& on) : device(on) {}

  Tensor f(const Shape& shape) const { return made(shape, float32, device); }
  Tensor d(const Shape& shape) const { return made(shape, float64, device); }
  Tensor h(const Shape& shape) const { return made(shape, float16, device); }
  Tensor i(const Shape& shape) const { return made(shape, int64, device); }
  Tensor b(const Shape& shape) const { return made(shape, boolean, device); }
  Tensor of(std::initializer_list<int64_t> values) const {
    return tensor(std::vector<int64_t>(values)).to(device);
  }
  /// A leaf whose gradient is asked for.
  Tensor leaf(const Shape& shape) const { return f(shape).requires_grad_(); }
  /// On the CPU and on a GPU, whatever the device.
  Tensor here(const Shape& shape, DType dtype = float32) const { return made(shape, dtype, {}); }
  Tensor there(const Shape& shape, DType dtype = float32) const {
    return made(shape, dtype, "cuda");
  }

  const Device device;
  const Tensor none;
  /// Every tensor that was made so far.
  mutable std::vector<Tensor> all;

 private:
  const Tensor& made(const Shape& shape, DType dtype, const Device& where) const {
    return all.emplace_back(ones(shape, {.dtype = dtype, .device = where}));
  }
};

struct WrongUse {
  std::string operation;  // with its name and a colon the sentence begins
  std::string wrong;      // what is wrong, in a few words; differs among those of an operation
  std::function<void(const Operands& x)> call;
  std::vector<std::string> says;  // words of the sentence: what was expected, what was got
};

inline constexpr const char* kMixedDevices = "mixed devices";

/// At namespace scope, adds those of a family to the table.
class WrongUses {
 public:
  using Table = std::map<std::string, std::vector<WrongUse>>;

  WrongUses(const std::string& family, const std::vector<WrongUse>& uses) {
    auto& of_family = all()[family];
    of_family.insert(of_family.end(), uses.begin(), uses.end());
  }
  static Table& all() {
    static Table table;
    return table;
  }
};

// A line of the table each; `x` are the operands. A macro, since the calls are many and lambdas
// long.
#define WRONG(operation, wrong, call, ...)                                        \
  WrongUse {                                                                      \
    operation, wrong, []([[maybe_unused]] const Operands& x) { (void)(call); }, { \
      __VA_ARGS__                                                                 \
    }                                                                             \
  }
#define UNDEFINED(operation, call) WRONG(operation, "undefined tensor", call, "undefined tensor")
#define MIXED(operation, call) WRONG(operation, kMixedDevices, call, "cpu", "cuda:0")
/// Of a tensor of shape [2, 3].
#define NO_SUCH_DIM(operation, call) \
  WRONG(operation, "dimension out of range", call, "dimension 2", "2 dimensions", "-2 to 1")

}  // namespace cuttle::test
