// Each wrong use of what rearranges and multiplies, by its sentence.
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/matmul.h>
#include <cuttle/core/ops/products.h>
#include <cuttle/core/ops/rearrange.h>

#include "samples.h"
#include "support/devices.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

class ShapingErrors : public DeviceTest {
 protected:
  Tensor f(const Shape& shape) const { return zeros(shape, {.device = device()}); }
  Tensor i(const Shape& shape) const { return zeros(shape, {.dtype = int64, .device = device()}); }
};
CUTTLE_INSTANTIATE_DEVICES(ShapingErrors);

template <class F>
void expect(F&& wrong, const std::string& sentence) {
  EXPECT_EQ(error_of(wrong), sentence);
}

TEST_P(ShapingErrors, OfJoiningAndRepeating) {
  expect(
      [&] {
        (void)cat({f({2, 3}), f({})});
      },
      "cat: tensors without dimensions cannot be joined; use stack");
  expect([&] { (void)hstack({}); }, "hstack: needs at least one tensor");
  expect(
      [&] {
        (void)f({2, 3}).repeat(2);
      },
      "repeat: [2] has fewer numbers than the tensor of shape [2, 3] has dimensions; tile() takes "
      "that");
  expect([&] { (void)f({2}).repeat(-1); }, "repeat: a number of repeats is negative in [-1]");
  expect([&] { (void)f({2}).repeat_interleave(-1); },
         "repeat_interleave: the number of repeats must not be negative, got -1");
  expect(
      [&] {
        (void)f({2, 3}).repeat_interleave(i({2}), 1);
      },
      "repeat_interleave: 2 numbers of repeats for dimension 1 of shape [2, 3]");
  expect([&] { (void)f({2}).repeat_interleave(f({2})); },
         "repeat_interleave: the numbers of repeats must be an int64 vector, got float32 of shape "
         "[2]");
  expect([&] { (void)meshgrid({}); }, "meshgrid: needs at least one tensor");
  expect([&] { (void)meshgrid({f({2})}, "yx"); },
         "meshgrid: indexing must be \"ij\" or \"xy\", got \"yx\"");
  expect(
      [&] {
        (void)meshgrid({f({2, 2})});
      },
      "meshgrid: expected vectors or numbers, got shape [2, 2]; flatten it first");
  expect([&] { (void)one_hot(f({2})); },
         "one_hot: expected int64 classes, got float32; convert with .to(int64)");
  expect([&] { (void)one_hot(i({0})); },
         "one_hot: without elements the number of classes is unknown; give num_classes");
  expect([&] { (void)one_hot(i({2}), 0); },
         "one_hot: num_classes must be positive, or -1 to take the largest value + 1, got 0");
  expect([&] { (void)one_hot(full({1}, -2, {.dtype = int64, .device = device()})); },
         "one_hot: classes must not be negative, got -2");
  expect([] { (void)one_hot(full({1}, 3, {.dtype = int64}), 3); },
         "one_hot: class 3 is out of range for num_classes = 3");
}

TEST_P(ShapingErrors, OfMoving) {
  expect([&] { (void)f({2, 3}).flip(0, -2); }, "flip: dimension -2 is given twice");
  expect([&] { (void)f({2}).fliplr(); }, "fliplr: expected at least two dimensions, got shape [2]");
  expect([&] { (void)f({}).flipud(); }, "flipud: expected at least one dimension, got shape []");
  expect(
      [&] {
        (void)f({2, 3}).roll({1, 2}, 0);
      },
      "roll: expected a shift for each dimension, got 2 shifts and 1 dimensions");
  expect(
      [&] {
        (void)f({2, 3}).rot90(1, {0, -2});
      },
      "rot90: the two dimensions must differ, got 0 and -2");
  expect([&] { (void)f({2, 3}).rot90(1, {0}); }, "rot90: expected two dimensions, got 1");
  expect([&] { (void)f({2}).rot90(); }, "rot90: expected at least two dimensions, got shape [2]");
  expect([&] { (void)f({2}).tril(); }, "tril: expected a matrix or a batch of them, got shape [2]");
  expect([&] { (void)triu_indices(-1, 2); },
         "triu_indices: expected sizes of at least 0, got -1 rows and 2 columns");
}

TEST_P(ShapingErrors, OfPadding) {
  expect(
      [&] {
        (void)pad(f({2, 3}), {1});
      },
      "pad: the padding has two numbers a dimension, from the last one on; got 1 numbers for "
      "shape [2, 3]");
  expect(
      [&] {
        (void)pad(f({2, 3}), {1, 1}, "mirror");
      },
      "pad: mode must be \"constant\", \"reflect\", \"replicate\" or \"circular\", got \"mirror\"");
  expect(
      [&] {
        (void)pad(f({2, 3}), {3, 0}, "reflect");
      },
      "pad: dimension 1 of shape [2, 3] cannot be padded by (3, 0) with mode \"reflect\": at most "
      "2 elements lie behind the one at the edge");
  expect(
      [&] {
        (void)pad(f({2, 3}), {0, 0, 0, 3}, "circular");
      },
      "pad: dimension 0 of shape [2, 3] cannot be padded by (0, 3) with mode \"circular\": it "
      "would go round more than once");
  expect(
      [&] {
        (void)pad(f({2, 0}), {0, 1}, "replicate");
      },
      "pad: dimension 1 of shape [2, 0] cannot be padded by (0, 1) with mode \"replicate\": it "
      "has no elements to repeat");
  for (const std::string mode : {"constant", "circular"})
    expect(
        [&] {
          (void)pad(f({2, 3}), {-2, -2}, mode);
        },
        "pad: dimension 1 of shape [2, 3] cannot be padded by (-2, -2) with mode \"" + mode +
            "\": it has only 3 elements to cut off");
  expect(
      [&] {
        (void)pad(i({2}), {1, 1}, "constant", 1e30);
      },
      "pad: int64 cannot hold the value 1e+30");
}

TEST_P(ShapingErrors, OfMatrices) {
  expect(
      [&] {
        (void)mm(f({2, 3}), f({2, 3}));
      },
      "mm: shapes [2, 3] and [2, 3] do not fit: 3 columns meet 2 rows; is a .t() missing?");
  expect(
      [&] {
        (void)mm(f({2, 3}), f({3}));
      },
      "mm: expected tensors of 2 and 2 dimensions, got shapes [2, 3] and [3]; matmul takes other "
      "numbers of dimensions");
  expect(
      [&] {
        (void)bmm(f({2, 2, 3}), f({1, 3, 2}));
      },
      "bmm: shapes [2, 2, 3] and [1, 3, 2] do not fit: batches of 2 and 1 matrices; matmul "
      "broadcasts a batch of 1");
  expect(
      [&] {
        (void)mv(f({2, 3}), f({2}));
      },
      "mv: shapes [2, 3] and [2] do not fit: 3 columns meet 2 rows; is a .t() missing?");
  expect(
      [&] {
        (void)matmul(f({2, 2, 3}), f({3, 3, 2}));
      },
      "matmul: shapes [2, 2, 3] and [3, 3, 2] do not fit: batches of 2 and 3 matrices (dimension "
      "-3), which must be equal, or one of them 1");
  expect(
      [&] {
        (void)matmul(f({2, 2}) == f({2, 2}), f({2, 2}) == f({2, 2}));
      },
      "matmul: not defined for bool; convert first, with .to(float32) for example");
  expect(
      [&] {
        (void)mm(f({2, 2}), i({2, 2}));
      },
      "mm: all tensors must have one dtype, got float32 (shape [2, 2]) and int64 (shape [2, 2]); "
      "convert one with .to(dtype)");
  expect(
      [&] {
        (void)addmm(f({3}), f({2, 3}), f({3, 4}));
      },
      "addmm: the input of shape [3] does not broadcast to the product's shape [2, 4]");
  expect(
      [&] {
        (void)addmm(i({2}), i({2, 3}), i({3, 2}), 1, 0.5);
      },
      "addmm: for int64 tensors beta and alpha must be whole numbers, got 1 and 0.5");
}

TEST_P(ShapingErrors, OfProducts) {
  expect([&] { (void)dot(f({2}), f({3})); }, "dot: vectors of 2 and 3 elements do not fit");
  expect(
      [&] {
        (void)outer(f({2, 2}), f({3}));
      },
      "outer: expected two vectors, got shapes [2, 2] and [3]");
  expect(
      [&] {
        (void)inner(f({2, 3}), f({4}));
      },
      "inner: shapes [2, 3] and [4] do not fit: last dimensions of 3 and 4 elements");
  expect(
      [&] {
        (void)tensordot(f({2, 3}), f({2, 3}), 1);
      },
      "tensordot: shapes [2, 3] and [2, 3] do not fit: dimension 1 of 3 elements meets dimension 0 "
      "of 2");
  expect(
      [&] {
        (void)tensordot(f({2, 3}), f({2, 3}), 3);
      },
      "tensordot: 3 dimensions cannot be contracted of shapes [2, 3] and [2, 3]");
  expect(
      [&] {
        (void)tensordot(f({2, 3}), f({2, 3}), {0, 1}, {0});
      },
      "tensordot: 2 dimensions of the first tensor meet 1 of the second");
  expect(
      [&] {
        (void)kron(f({1, 1, 1, 1, 2}), f({2}));
      },
      "kron: at most 4 dimensions, got shapes [1, 1, 1, 1, 2] and [2]");
  expect([&] { (void)cross(f({2}), f({2})); },
         "cross: expected a dimension of 3 elements, got shapes [2] and [2]");
  expect(
      [&] {
        (void)cross(f({2, 3}), f({2, 3}), 0);
      },
      "cross: expected a dimension of 3 elements along 0, got shapes [2, 3] and [2, 3]");
}

TEST_P(ShapingErrors, OfEquations) {
  const auto expect_in = [&](const std::string& equation, const std::vector<Tensor>& operands,
                             const std::string& why) {
    expect([&] { (void)einsum(equation, operands); }, "einsum: \"" + equation + "\": " + why);
  };
  const Tensor m = f({2, 3}), square = f({2, 2});
  expect([] { (void)einsum("i", {}); }, "einsum: needs at least one operand");
  expect_in("ij,jk", {m}, "names 2 operands, got 1");
  expect_in("ij", {m, m}, "names 1 operands, got 2");
  expect_in("i1", {m}, "'1' names no dimension; letters and '...' do");
  expect_in("ij.", {m}, "a '.' stands outside of '...'");
  expect_in("...i...", {m}, "'...' stands twice in \"...i...\"");
  expect_in("ijk", {m}, "names 3 dimensions for operand 0, which has shape [2, 3]");
  expect_in("...ijk", {m}, "names 3 dimensions for operand 0, which has shape [2, 3]");
  expect_in("i", {m}, "names 1 dimensions for operand 0, which has shape [2, 3]");
  expect_in("ii", {m},
            "'i' is repeated in operand 0, whose dimensions have 2 and 3 elements (shape [2, 3])");
  expect_in("ij,jk", {m, square},
            "'j' has 2 elements in operand 1 (shape [2, 2]) but 3 in one before");
  expect_in("...j,...j", {m, f({4, 3})},
            "a dimension of '...' has 4 elements in operand 1 (shape [4, 3]) but 2 in one before");
  expect_in("ij->ik", {m}, "'k' of the output names no dimension of an operand");
  expect_in("ij->ii", {m}, "'i' stands twice in the output");
  const Tensor five = f({1, 1, 1, 1, 1});
  expect_in("abcde,fghij->abcdefghij", {five, five},
            "the output would have 10 dimensions, at most 8 are possible");
  expect_in("abcde,fghij,abcdefghij->", {five, five, five},
            "names 10 dimensions for operand 2, which has shape [1, 1, 1, 1, 1]");
  expect_in("abcde,fghij,abcde,fghij->", {five, five, five, five},
            "a product on the way has 10 dimensions, at most 8 are possible");
}

}  // namespace
}  // namespace cuttle::test
