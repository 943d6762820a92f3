// Writing to a view while recording: the tensor it shows learns of it, and so do its other views.
// Values and gradients of PyTorch (tests/golden/generate_indexing.py) and finite differences.
#include <cuttle/core/autograd/grad_mode.h>
#include <cuttle/core/gradcheck.h>
#include <cuttle/core/tensor_impl.h>

#include <thread>

#include "indexing_cases.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"
#include "view_write_programs.h"

namespace cuttle::test {
namespace {

class ViewWrites : public DeviceTest {
 protected:
  Tensor x() const { return filled({3, 4}, device()).requires_grad_(); }
  Tensor y() const { return filled({4}, device(), float64, 1).requires_grad_(); }
};
CUTTLE_INSTANTIATE_DEVICES(ViewWrites);

TEST_P(ViewWrites, GiveWhatPyTorchGives) {
  const nlohmann::json golden = load_golden("indexing.json");
  ASSERT_EQ(golden["view_writes"].size(), programs().size());
  for (const auto& c : golden["view_writes"]) {
    const std::string name = c["name"];
    const Tensor a = x(), b = y();
    const Tensor out = programs().at(name)(a, b);
    EXPECT_EQ(out.to_vector<double>(), numbers(c["out"])) << name;
    const auto found = grad((out * weights(out.shape(), device())).sum(), {a, b});
    EXPECT_EQ(values_of(found[0], a), numbers(c["dx"])) << name;
    EXPECT_EQ(values_of(found[1], b), numbers(c["dy"])) << name;
  }
}

TEST_P(ViewWrites, DerivativesOnceAndTwice) {
  for (const auto& [name, program] : programs()) {
    if (name == "detached" || name == "under_no_grad") continue;  // gradients lie on purpose
    const TensorFunction recorded = [&p = program](const auto& in) { return p(in[0], in[1]); };
    const GradcheckResult once = gradcheck(recorded, {x(), y()});
    EXPECT_TRUE(once) << name << ": " << once.message;
    const TensorFunction gradient = [&](const std::vector<Tensor>& in) {
      const GradMode recording(true);
      const Tensor out = recorded(in);
      const auto found =
          grad((out * out * weights(out.shape(), device())).sum(), in, {}, {.create_graph = true});
      Tensor sum = zeros({}, {.dtype = float64, .device = device()});
      for (const Tensor& g : found)
        if (g.defined()) sum = sum + (g * weights(g.shape(), device())).sum();
      return sum;
    };
    const GradcheckResult twice = gradcheck(gradient, {x(), y()});
    EXPECT_TRUE(twice) << name << ", twice: " << twice.message;
  }
}

TEST_P(ViewWrites, TheBaseHasTheWriteAsItsOrigin) {
  Tensor h = x() * 2;
  Tensor row = h[0];
  row += 1;
  EXPECT_EQ(h.grad_fn(), "add_");
  EXPECT_EQ(row.grad_fn(), "as_strided");
  Tensor plain = zeros({3, 4}, {.dtype = float64, .device = device()});
  const Tensor older = plain[2];
  EXPECT_FALSE(older.requires_grad());
  plain[0] = y();
  EXPECT_TRUE(plain.requires_grad());
  EXPECT_TRUE(older.requires_grad());
  EXPECT_FALSE(older.is_leaf());
}

TEST_P(ViewWrites, LeavesAndTheirViewsAreRefused) {
  const Tensor leaf = x();
  Tensor row = leaf[0];
  const std::string sentence =
      ": a view (shape [4]) of a leaf that requires a gradient (shape [3, 4]) cannot be changed in "
      "place while recording; do it under NoGradGuard, or use the out-of-place form";
  EXPECT_EQ(error_of([&] { row += 1; }), "add_" + sentence);
  EXPECT_EQ(error_of([&] { leaf[0] = 3; }), "fill_" + sentence);
  EXPECT_EQ(error_of([&] { row.copy_(y()); }), "copy_" + sentence);
  EXPECT_EQ(error_of([&] { row.index_put_({integers({0}, device())}, 3); }),
            "index_put" + sentence);
  EXPECT_EQ(leaf.to_vector<double>(), x().to_vector<double>());
  const NoGradGuard no_grad;
  leaf[0] = 3;
  EXPECT_EQ(leaf[0][1].item(), 3);
}

// What the write saved, and what was saved before of the memory it changed, is guarded as ever.
TEST_P(ViewWrites, SavedTensorsNotice) {
  const Tensor leaf = x();
  Tensor h = leaf * 2;
  const Tensor square = h * h;
  h[1] = y();
  EXPECT_EQ(error_of([&] { square.sum().backward(); }).substr(0, 91),
            "backward: a tensor of shape [3, 4] that 'mul' needs for its gradient was changed in "
            "place a");
}

TEST_P(ViewWrites, ViewsThatLeadOutOfTheirBaseAreRefused) {
  Tensor whole = zeros({4, 4}, {.dtype = float64, .device = device()});
  Tensor part = whole.narrow(0, 1, 1).detach();
  Tensor out = part.as_strided({8}, {1}, 0);
  EXPECT_EQ(
      error_of([&] { out += y()[0]; }),
      "add_: this view (shape [8], strides [1]) leads out of the tensor of shape [1, 4] and "
      "strides [4, 1] that it was taken of, whose gradient could not follow; clone() that one "
      "first");
  Tensor windows = whole.unfold(0, 2, 1);
  EXPECT_EQ(error_of([&] { windows += 1; }),
            "add_: several elements of this expanded tensor of shape [3, 4, 2] share memory and "
            "cannot be written one by one; clone() it first");
}

// exp_ keeps its result, which is the view's memory.
TEST_P(ViewWrites, AnOutputThatWasSavedIsAView) {
  const auto run = [](const std::vector<Tensor>& in) {
    Tensor h = in[0] * 0.5;
    h.select(1, 2).exp_();
    h[1].mul_(in[1]).tanh_();
    return h * h;
  };
  EXPECT_TRUE(gradcheck(run, {x(), y()}));
  const auto twice = [&](const std::vector<Tensor>& in) {
    const GradMode recording(true);
    const auto found =
        grad((run(in) * weights({3, 4}, device())).sum(), in, {}, {.create_graph = true});
    return (found[0] * weights({3, 4}, device())).sum() + (found[1] * found[1]).sum();
  };
  const GradcheckResult result = gradcheck(twice, {x(), y()});
  EXPECT_TRUE(result) << result.message;
}

// A base that is not dense: its gradient is laid out as it is.
TEST_P(ViewWrites, ABaseWithGaps) {
  const auto run = [&](const std::vector<Tensor>& in) {
    const Tensor memory = filled({4, 6}, device());
    Tensor base = memory.slice(1, 0, 6, 2).detach();
    base.t()[1].copy_(in[0]);
    base[2] *= in[0].narrow(0, 0, 3);
    return base * base;
  };
  EXPECT_TRUE(gradcheck(run, {y()}));
}

// Gradients come row-major or channels-last, whatever the base is.
TEST_P(ViewWrites, AChannelsLastBase) {
  const Tensor image = filled({2, 3, 2, 2}, device()).requires_grad_();
  const auto run = [&](const std::vector<Tensor>& in) {
    Tensor base = in[0].contiguous(MemoryFormat::channels_last) * 2;
    EXPECT_TRUE(base.is_contiguous(MemoryFormat::channels_last));
    base.select(1, 1) *= in[0].select(1, 0);
    base.diagonal(0, 2, 3)[0].exp_();
    return (base * base).contiguous();
  };
  const GradcheckResult result = gradcheck(run, {image});
  EXPECT_TRUE(result) << result.message;
}

TEST_P(ViewWrites, GraphsThatAreNeverReplayedAreFreed) {
  std::weak_ptr<TensorImpl> base, view;
  {
    const Tensor a = x(), b = y();
    Tensor h = a * 2;
    Tensor row = h[0];
    row *= b;
    row *= row;
    h[1] = row;
    base = h.impl().weak_from_this();
    view = row.impl().weak_from_this();
    EXPECT_TRUE(h.requires_grad() && row.requires_grad());
  }
  EXPECT_TRUE(base.expired());
  EXPECT_TRUE(view.expired());
}

// Several threads read a view whose base was changed: each of them may give it its new place.
TEST_P(ViewWrites, ThreadsReadAViewOfAChangedBase) {
  for (int round = 0; round < 20; ++round) {
    const Tensor leaf = y();
    Tensor h = zeros({3, 4}, {.dtype = float64, .device = device()});
    const Tensor row = h[0];
    h[0] = leaf;
    std::vector<std::thread> team;
    std::vector<std::string> found(4);
    for (auto& name : found) team.emplace_back([&] { name = row.grad_fn(); });
    for (auto& thread : team) thread.join();
    for (const auto& name : found) EXPECT_EQ(name, "as_strided");
  }
}

}  // namespace
}  // namespace cuttle::test
