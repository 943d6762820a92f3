// Views, x[…], gather and scatter and their kin, with the values and gradients that PyTorch gives
// (tests/golden/generate_indexing.py), in every layout; and their derivatives, once and twice,
// against finite differences.
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/gradcheck.h>

#include "indexing_cases.h"
#include "indexing_functions.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

class IndexingGolden : public DeviceTest {
 protected:
  void check(const std::string& section, const std::map<std::string, Unary>& functions) const {
    std::map<std::string, int> seen;
    for (const auto& c : golden[section]) {
      const std::string name = c["name"], layout = c["layout"], what = c.dump();
      const Unary& f = functions.at(name);
      const Tensor x =
          filled_in_layout(layout, shape_of(c["shape"]), device()).detach().requires_grad_();
      const Tensor out = f(x);
      EXPECT_EQ(out.shape(), shape_of(c["out_shape"])) << what;
      expect_same(out, numbers(c["out"]), 0, 0, what);
      const Tensor gradient = grad((out * weights(out.shape(), device())).sum(), {x}).front();
      EXPECT_EQ(values_of(gradient, x), numbers(c["gradient"])) << what;
      if (c.contains("strides") && section == "views") {
        EXPECT_EQ(out.strides(), shape_of(c["strides"])) << what;
      }
      ++seen[name];
    }
    EXPECT_GE(seen.size(), 7);
  }

  const nlohmann::json golden = load_golden("indexing.json");
};
CUTTLE_INSTANTIATE_DEVICES(IndexingGolden);

TEST_P(IndexingGolden, Views) {
  check("views", views());
}
TEST_P(IndexingGolden, Index) {
  check("index", reads(device()));
}
TEST_P(IndexingGolden, GatherAndItsKin) {
  check("ops", reads(device()));
}

TEST_P(IndexingGolden, ScatterAndItsKin) {
  const auto functions = writes(device());
  for (const auto& c : golden["pairs"]) {
    const std::string name = c["name"], layout = c["layout"], what = c.dump();
    const Binary& f = functions.at(name);
    const Tensor x =
        filled_in_layout(layout, shape_of(c["shapes"][0]), device()).detach().requires_grad_();
    const Tensor y = filled(shape_of(c["shapes"][1]), device(), float64, 1).requires_grad_();
    const Tensor out = f(x, y);
    expect_same(out, numbers(c["out"]), 0, 0, what);
    const auto gradients = grad((out * weights(out.shape(), device())).sum(), {x, y});
    EXPECT_EQ(values_of(gradients[0], x), numbers(c["gradients"][0])) << what;
    EXPECT_EQ(values_of(gradients[1], y), numbers(c["gradients"][1])) << what;
  }
}

// The values again in every dtype: a type's result is the converted result where no arithmetic is
// done.
TEST_P(IndexingGolden, EveryDtypeIsPickedAndWritten) {
  for (const DType dtype :
       {float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8, boolean}) {
    const Indices i{device()};
    const Tensor x = arange(12, {.dtype = int64, .device = device()}).view(3, 4);
    const Tensor typed = x.to(dtype), y = x.narrow(0, 1, 2).to(dtype);
    const auto same = [&](const Tensor& found, const Tensor& whole) {
      EXPECT_EQ(found.dtype(), dtype);
      EXPECT_EQ(found.to_vector<double>(), whole.to(dtype).to_vector<double>()) << dtype;
    };
    same(typed.gather(0, i.matrix()), x.gather(0, i.matrix()));
    same(typed.index({i.mask()}), x.index({i.mask()}));
    same(typed.index_copy(0, i.of({2, 0}), y), x.index_copy(0, i.of({2, 0}), x.narrow(0, 1, 2)));
    same(typed.masked_fill(i.mask(), 1), x.masked_fill(i.mask(), 1));
    if (dtype != boolean)
      same(typed.index_add(0, i.of({2, 2}), y), x.index_add(0, i.of({2, 2}), x.narrow(0, 1, 2)));
    for (const DType index : {int8, int16, int32, int64})
      same(typed.index_select(1, i.of({3, 0}).to(index)), x.index_select(1, i.of({3, 0})));
  }
}

// f and its gradient, by finite differences: the gradient of a weighted sum of gradients involves
// the second derivative of every operation on the way.
void check_twice(const TensorFunction& f, const std::vector<Tensor>& inputs,
                 const std::string& what) {
  const GradcheckResult once = gradcheck(f, inputs);
  EXPECT_TRUE(once) << what << ": " << once.message;
  const TensorFunction gradient = [&](const std::vector<Tensor>& in) {
    const GradMode recording(true);
    std::vector<Tensor> leaves;
    for (const Tensor& x : in)
      leaves.push_back(x.requires_grad() ? x : x.detach().requires_grad_());
    const Tensor out = f(leaves);
    // Squared, so that the second derivative is not 0.
    const auto found = grad((out * out * weights(out.shape(), out.device())).sum(), leaves, {},
                            {.create_graph = true});
    Tensor sum = zeros({}, {.dtype = float64, .device = out.device()});
    for (const Tensor& g : found)
      if (g.defined()) sum = sum + (g * weights(g.shape(), g.device())).sum();
    return sum;
  };
  const GradcheckResult twice = gradcheck(gradient, inputs);
  EXPECT_TRUE(twice) << what << ", twice: " << twice.message;
}

TEST_P(IndexingGolden, DerivativesOnceAndTwice) {
  for (const auto* section : {"views", "index", "ops"})
    for (const auto& c : golden[section]) {
      if (c["layout"] != "contiguous") continue;
      const auto functions = section == std::string("views") ? views() : reads(device());
      const Unary f = functions.at(c["name"]);
      // A view that leads out of the slice it is taken of: PyTorch drops that gradient, too.
      if (c["out"].empty() || c["name"] == "as_strided_of_slice") continue;
      check_twice([f](const auto& in) { return f(in[0]); },
                  {filled(shape_of(c["shape"]), device()).requires_grad_()}, c["name"]);
    }
  const auto functions = writes(device());
  for (const auto& c : golden["pairs"]) {
    if (c["layout"] != "contiguous") continue;
    const Binary f = functions.at(c["name"]);
    check_twice([f](const auto& in) { return f(in[0], in[1]); },
                {filled(shape_of(c["shapes"][0]), device()).requires_grad_(),
                 filled(shape_of(c["shapes"][1]), device(), float64, 1).requires_grad_()},
                c["name"]);
  }
}

}  // namespace
}  // namespace cuttle::test
