// Wrong uses of what works element by element: of every row of the table the usual ones, and of
// what takes more than tensors its own.
#include <cuttle/core/ops/activations.h>
#include <cuttle/core/ops/closeness.h>

#include "../elementwise_rows.h"
#include "wrong_uses.h"

namespace cuttle::test {
namespace {

using kernels::table::Takes;

// Rows that a program reaches under another name, below.
bool has_other_name(Elementwise op) {
  return op == Elementwise::masked || op == Elementwise::add_scaled ||
         op == Elementwise::div_trunc || op == Elementwise::gelu_tanh;
}

// A dtype that the row does not take, if there is one.
std::optional<DType> refused_dtype(Takes takes) {
  switch (takes) {
    case Takes::numbers:
      return boolean;
    case Takes::integers:
    case Takes::whole:
      return float32;
    case Takes::real:
      return int64;
    default:
      return {};
  }
}

DType taken_dtype(Takes takes) {
  return takes == Takes::integers || takes == Takes::whole ? int64 : float32;
}

// Operands for the row, `last` of them at the end; the first of where is a condition.
std::vector<Tensor> operands_of(Elementwise op, const Tensor& first, const Tensor& last) {
  const int count = kernels::row_of(op).operands;
  std::vector<Tensor> all(static_cast<size_t>(count), first);
  all.back() = last;
  if (op == Elementwise::where && first.defined()) all[0] = first > 0;
  return all;
}

std::vector<WrongUse> uses_of(Elementwise op) {
  const auto& row = kernels::row_of(op);
  const std::string name = row_name(op), in_place(row.in_place_name);
  const DType dtype = taken_dtype(row.takes);
  const auto one = [dtype](const Operands& x, const Shape& shape) {
    return dtype == int64 ? x.i(shape) : x.f(shape);
  };
  std::vector<WrongUse> uses = {
      {name,
       "undefined tensor",
       [=](const Operands& x) { (void)run_row(op, operands_of(op, one(x, {2}), x.none)); },
       {"undefined tensor"}}};
  if (const auto refused = refused_dtype(row.takes))
    uses.push_back({name,
                    "wrong dtype",
                    [=](const Operands& x) {
                      const Tensor wrong = x.f({2}).to(*refused);
                      (void)run_row(op, std::vector<Tensor>(row.operands, wrong));
                    },
                    {std::string(dtype_name(*refused))}});
  if (row.gives == kernels::table::same && op != Elementwise::where)
    uses.push_back({in_place,
                    "undefined tensor",
                    [=](const Operands& x) {
                      Tensor none;
                      run_row_in_place(op, none, operands_of(op, one(x, {2}), one(x, {2})));
                    },
                    {"undefined tensor"}});
  if (row.operands == 1) return uses;
  uses.push_back({name,
                  kMixedDevices,
                  [=](const Operands& x) {
                    (void)run_row(op, operands_of(op, x.here({2}, dtype), x.there({3, 2}, dtype)));
                  },
                  {"cpu", "cuda:0", "[2]", "[3, 2]"}});
  uses.push_back({name,
                  "shapes that do not broadcast",
                  [=](const Operands& x) {
                    (void)run_row(op, operands_of(op, one(x, {2, 3}), one(x, {4})));
                  },
                  {"[2, 3]", "[4]"}});
  if (row.gives == kernels::table::same && op != Elementwise::where)
    uses.push_back({in_place,
                    "a result of a larger shape",
                    [=](const Operands& x) {
                      Tensor small = one(x, {3});
                      const Tensor large = one(x, {2, 3});
                      run_row_in_place(op, small, operands_of(op, small, large));
                    },
                    {"[3]", "[2, 3]"}});
  return uses;
}

std::vector<WrongUse> uses_of_all_rows() {
  std::vector<WrongUse> all;
  for (const Elementwise op : all_rows()) {
    if (has_other_name(op)) continue;
    for (WrongUse& use : uses_of(op)) all.push_back(std::move(use));
  }
  return all;
}

const WrongUses rows("element by element", uses_of_all_rows());

const WrongUses others(
    "element by element, with more arguments",
    {
        WRONG("add", "undefined tensor, with a factor", add(x.none, x.f({2}), 2),
              "undefined tensor"),
        WRONG("add", "a factor that is not whole", x.i({2}).add(x.i({2}), 0.5), "0.5", "int64"),
        WRONG("sub", "a factor that is not whole", x.i({2}).sub(x.i({2}), 0.5), "0.5", "int64"),
        WRONG("sub_", "a factor that is not whole", x.i({2}).sub_(x.i({2}), 0.5), "0.5", "int64"),
        WRONG("add_", "a larger shape, with a factor", x.f({2}).add_(x.f({3, 2}), 2), "[2]",
              "[3, 2]"),
        WRONG("clamp_min_", "a result of another kind", x.i({2}).clamp_(0.5), "float32", "int64"),
        WRONG("add_", "a result of another kind", x.i({2}).add_(x.f({2})), "float32", "int64"),
        WRONG("exp_", "a result of another kind", x.i({2}).exp_(), "float32", "int64"),
        WRONG("add_", "a leaf", x.leaf({2}).add_(1), "leaf"),
        WRONG("div", "an unknown rounding", x.f({2}).div(x.f({2}), "up"), "\"up\"", "\"trunc\""),
        WRONG("div", "integers by 0, rounded", x.here({2}, int64).div(0, "trunc"), "0"),
        WRONG("div", "wrong dtype, rounded", x.b({2}).div(x.b({2}), "trunc"), "bool"),
        WRONG("floor_divide", "integers by 0", x.here({2}, int64).floor_divide(0), "0"),
        WRONG("floor_divide", "integers by a tensor with 0",
              x.here({2}, int64).floor_divide(zeros({2}, {.dtype = int64})), "0"),
        WRONG("remainder", "integers by 0", x.i({2}) % 0, "0"),
        WRONG("fmod", "integers by 0", x.i({2}).fmod(0), "0"),
        WRONG("pow", "a negative power of integers", pow(x.i({2}), -1), "-1", "int64"),
        WRONG("clamp", "no bound", x.f({2}).clamp(std::optional<Scalar>()), "bound"),
        WRONG("clamp_min", "undefined tensor, clamp", clamp(x.none, 1), "undefined tensor"),
        WRONG("where", "a condition that is not bool", where(x.f({2}), x.f({2}), 1), "float32",
              "bool"),
        WRONG("addcmul", "a factor that is not whole", addcmul(x.i({2}), x.i({2}), x.i({2}), 0.5),
              "0.5", "int64"),
        WRONG("gelu", "wrong dtype, with tanh", gelu(x.i({2}), GeluApproximate::tanh), "int64"),
        WRONG("logit", "undefined tensor, with bounds", logit(x.none, 0.1), "undefined tensor"),
        WRONG("logit_", "undefined tensor, with bounds", Tensor(x.none).logit_(0.1),
              "undefined tensor"),
        WRONG("hardtanh", "undefined tensor, relu6", relu6(x.none), "undefined tensor"),
        UNDEFINED("equal", equal(x.none, x.f({2}))),
        MIXED("equal", equal(x.here({2}), x.there({2}))),
        WRONG("equal", "different dtypes", equal(x.f({2}), x.d({2})), "float32", "float64"),
        UNDEFINED("isclose", isclose(x.f({2}), x.none)),
        MIXED("isclose", isclose(x.here({2}), x.there({2}))),
        WRONG("isclose", "different dtypes", isclose(x.f({2}), x.i({2})), "float32", "int64"),
        WRONG("isclose", "a negative tolerance", isclose(x.f({2}), x.f({2}), -1), "-1"),
        WRONG("isclose", "shapes that do not broadcast", isclose(x.f({2}), x.f({3})), "[2]", "[3]"),
        UNDEFINED("allclose", allclose(x.none, x.f({2}))),
        WRONG("allclose", "different dtypes", allclose(x.f({2}), x.d({2})), "float32", "float64"),
    });

}  // namespace
}  // namespace cuttle::test
