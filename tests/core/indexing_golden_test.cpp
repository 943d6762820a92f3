// Views, x[…], gather and scatter and their kin, with the values and gradients that PyTorch gives
// (tests/golden/generate_indexing.py), in every layout; and their derivatives, once and twice,
// against finite differences.
#include <cuttle/core/gradcheck.h>

#include <map>

#include "indexing_cases.h"
#include "support/devices.h"
#include "support/expect.h"
#include "support/golden.h"

namespace cuttle::test {
namespace {

using indexing::Ellipsis;
using indexing::None;
using indexing::Slice;

using Unary = std::function<Tensor(const Tensor&)>;
using Binary = std::function<Tensor(const Tensor&, const Tensor&)>;

// Parts, each times its number, joined: which part an element came from shows in its gradient.
Tensor numbered(const std::vector<Tensor>& parts, int64_t dim = 0) {
  std::vector<Tensor> scaled;
  for (size_t i = 0; i < parts.size(); ++i) scaled.push_back(parts[i] * (i + 1.0));
  return cat(scaled, dim);
}

const std::map<std::string, Unary>& views() {
  using T = const Tensor&;
  static const std::map<std::string, Unary> all{
      {"split", [](T x) { return numbered(x.split(2)); }},
      {"split_sizes",
       [](T x) {
         return numbered(x.split({1, 0, 3, 2}, 1), 1);
       }},
      {"chunk", [](T x) { return numbered(x.chunk(3)); }},
      {"tensor_split", [](T x) { return numbered(x.tensor_split(3)); }},
      {"tensor_split_at",
       [](T x) {
         return numbered(x.tensor_split({2, 5, 9}, 1), 1);
       }},
      {"unbind", [](T x) { return x.unbind(1)[2] * 2 + x.unbind(1)[0]; }},
      {"diagonal", [](T x) { return x.diagonal(); }},
      {"diagonal_above", [](T x) { return x.diagonal(2); }},
      {"diagonal_below", [](T x) { return x.diagonal(-1, 0, 2); }},
      {"diagonal_none", [](T x) { return x.diagonal(5); }},
      {"diag_vector", [](T x) { return x.diag(1); }},
      {"diag_matrix", [](T x) { return x.diag(-1); }},
      {"diag_embed", [](T x) { return x.diag_embed(-1, 0, 2); }},
      {"unfold", [](T x) { return x.unfold(0, 3, 1); }},
      {"unfold_steps", [](T x) { return x.unfold(1, 3, 2); }},
      {"unfold_gaps", [](T x) { return x.unfold(-1, 2, 3); }},
      {"movedim", [](T x) { return x.movedim(0, -1); }},
      {"movedim_lists",
       [](T x) {
         return x.movedim({3, 0}, {0, 1});
       }},
      {"swapaxes", [](T x) { return x.swapaxes(0, 2); }},
      {"as_strided",
       [](T x) {
         return x.as_strided({2, 2}, {4, 2}, 1);
       }},
      {"as_strided_overlap",
       [](T x) {
         return x.as_strided({3, 3}, {1, 2}, 2);
       }},
      {"as_strided_of_slice",
       [](T x) {
         return x.narrow(0, 1, 2).narrow(1, 2, 4).as_strided({2, 3}, {2, 2}, 4);
       }},
      {"unflatten",
       [](T x) {
         return x.unflatten(1, {2, -1});
       }},
      {"squeeze_all", [](T x) { return x.squeeze(); }},
      {"T", [](T x) { return x.T(); }},
      {"mT", [](T x) { return x.mT(); }},
      {"ravel", [](T x) { return x.ravel(); }},
      {"atleast_3d", [](T x) { return x.atleast_3d(); }},
      {"atleast_2d", [](T x) { return x.atleast_2d(); }},
      {"broadcast_to",
       [](T x) {
         return x.broadcast_to({2, 3, 4});
       }},
  };
  return all;
}

// What the functions below index with, on the device of the test.
struct Indices {
  Device device;

  Tensor of(std::initializer_list<int64_t> values) const { return integers(values, device); }
  Tensor matrix() const { return of({0, 2, 1, 1, 2, 0, 0, 1}).view(2, 4); }
  Tensor mask() const { return of({1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1}).view(3, 4).to(boolean); }
  Tensor flags(std::initializer_list<int64_t> values) const { return of(values).to(boolean); }
};

std::map<std::string, Unary> reads(const Device& device) {
  using T = const Tensor&;
  const Indices i{device};
  return {
      {"int", [](T x) { return x.index({-1}); }},
      {"slices",
       [](T x) {
         return x.index({Slice(1, 4), Slice(None, None, 2)});
       }},
      {"slice_negative",
       [](T x) {
         return x.index({Slice(-3, -1), Slice(-100, 3)});
       }},
      {"none_ellipsis",
       [](T x) {
         return x.index({None, Ellipsis, Slice(1, 3)});
       }},
      {"ellipsis_int",
       [](T x) {
         return x.index({"...", 2});
       }},
      {"tensor",
       [=](T x) {
         return x.index({i.of({2, 0, 0})});
       }},
      {"tensor_2d", [=](T x) { return x.index({i.matrix()}); }},
      {"tensor_negative",
       [=](T x) {
         return x.index({Slice(), i.of({-1, 0, -4})});
       }},
      {"pairs",
       [=](T x) {
         return x.index({i.of({0, 2, 2}), i.of({1, 3, 1})});
       }},
      {"broadcast",
       [=](T x) {
         return x.index({i.of({0, 2}).unsqueeze(1), i.of({1, 3, 0}).to(int32)});
       }},
      {"middle",
       [=](T x) {
         return x.index({Slice(), i.of({0, 2}), i.of({1, 3})});
       }},
      {"apart",
       [=](T x) {
         return x.index({i.of({0, 1, 1}), Slice(), i.of({3, 0, 1})});
       }},
      {"apart_int",
       [=](T x) {
         return x.index({1, Slice(), i.of({3, 0, 1})});
       }},
      {"apart_none",
       [=](T x) {
         return x.index({i.of({0, 1}), None, i.of({3, 0})});
       }},
      {"with_slice",
       [=](T x) {
         return x.index({Slice(1, None), i.of({0, 4, 4})});
       }},
      {"zero_dim", [=](T x) { return x.index({i.of({2}).reshape(Shape{})}); }},
      {"mask", [=](T x) { return x.index({i.mask()}); }},
      {"mask_rows",
       [=](T x) {
         return x.index({i.flags({1, 0, 1}).to(uint8)});
       }},
      {"mask_columns",
       [=](T x) {
         return x.index({Slice(), i.mask()});
       }},
      {"mask_and_tensor",
       [=](T x) {
         return x.index({i.flags({1, 0, 1}), i.of({1, 3})});
       }},
      {"mask_none_set",
       [=](T x) {
         return x.index({i.flags({0, 0, 0})});
       }},
      {"true", [](T x) { return x.index({true}); }},
      {"false", [](T x) { return x.index({false}); }},
      {"empty", [=](T x) { return x.index({i.of({})}); }},
      {"gather0", [=](T x) { return x.gather(0, i.matrix()); }},
      {"gather1",
       [=](T x) {
         return x.gather(1, i.of({0, 3, 3, 1, 2}).unsqueeze(0));
       }},
      {"index_select",
       [=](T x) {
         return x.index_select(1, i.of({3, 0, 0, 1}));
       }},
      {"index_select0", [=](T x) { return x.index_select(0, i.of({})); }},
      {"take",
       [=](T x) {
         return x.take(i.of({0, -1, 5, 5}).view(2, 2));
       }},
      {"take_along_dim",
       [=](T x) {
         return x.take_along_dim(i.of({1, 0, 3}).unsqueeze(1), 1);
       }},
      {"take_along_flat",
       [=](T x) {
         return x.take_along_dim(i.of({1, 11, 0, 0}).view(2, 2));
       }},
  };
}

std::map<std::string, Binary> writes(const Device& device) {
  using T = const Tensor&;
  const Indices i{device};
  return {
      {"scatter",
       [=](T x, T y) {
         return x.scatter(0, i.of({0, 2, 1, 1, 2, 0, 0, 2}).view(2, 4), y);
       }},
      {"scatter_part",
       [=](T x, T y) {
         return x.scatter(1, i.of({3, 0, 1, 2}).view(2, 2), y);
       }},
      {"scatter_add", [=](T x, T y) { return x.scatter_add(0, i.matrix(), y); }},
      {"scatter_add1",
       [=](T x, T y) {
         return x.scatter_add(1, i.of({0, 0, 1, 2, 0, 1, 2, 2, 2, 2, 0, 2}).view(2, 6), y);
       }},
      {"index_add",
       [=](T x, T y) {
         return x.index_add(0, i.of({2, 0, 2, 2, 1}), y, 2);
       }},
      {"index_add1",
       [=](T x, T y) {
         return x.index_add(1, i.of({1, 1, 3}), y);
       }},
      {"index_copy",
       [=](T x, T y) {
         return x.index_copy(0, i.of({2, 0}), y);
       }},
      {"index_fill",
       [=](T x, T y) {
         return x.index_fill(1, i.of({2, 0}), y);
       }},
      {"masked_fill", [=](T x, T y) { return x.masked_fill(i.mask(), y); }},
      {"masked_fill_row",
       [=](T x, T y) {
         return x.masked_fill(i.flags({1, 0, 0, 1}), y);
       }},
      {"masked_scatter", [=](T x, T y) { return x.masked_scatter(i.mask(), y); }},
      {"put",
       [=](T x, T y) {
         return x.put(i.of({0, -1, 5}), y);
       }},
      {"put_accumulate",
       [=](T x, T y) {
         return x.put(i.of({0, -1, 5, 0}), y, true);
       }},
      {"index_put",
       [=](T x, T y) {
         return x.index_put({i.of({0, 2, 2}), i.of({1, 3, 1})}, y);
       }},
      {"index_put_accumulate",
       [=](T x, T y) {
         return x.index_put({i.of({0, 2, 2, 0}), i.of({1, 3, 1, 1})}, y, true);
       }},
      {"index_put_rows",
       [=](T x, T y) {
         return x.index_put({i.of({0, 2})}, y);
       }},
      {"index_put_mask", [=](T x, T y) { return x.index_put({i.mask()}, y); }},
      {"index_put_slice",
       [=](T x, T y) {
         return x.index_put({Slice(1, 4), i.of({0, 3})}, y);
       }},
      {"index_put_apart",
       [=](T x, T y) {
         return x.index_put({i.of({0, 1}), Slice(), i.of({3, 0})}, y);
       }},
      {"index_put_view",
       [=](T x, T y) {
         Tensor out = x.clone();
         out.index({Slice(1, 3)}) = y;
         return out;
       }},
  };
}

class IndexingGolden : public DeviceTest {
 protected:
  void check(const std::string& section, const std::map<std::string, Unary>& functions) const {
    std::map<std::string, int> seen;
    for (const auto& c : golden[section]) {
      const std::string name = c["name"], layout = c["layout"], what = name + " " + layout;
      const Unary& f = functions.at(name);
      const Tensor x =
          filled_in_layout(layout, shape_of(c["shape"]), device()).detach().requires_grad_();
      const Tensor out = f(x);
      EXPECT_EQ(out.shape(), shape_of(c["out_shape"])) << what;
      EXPECT_EQ(out.to_vector<double>(), numbers(c["out"])) << what;
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
    const std::string name = c["name"], layout = c["layout"], what = name + " " + layout;
    const Binary& f = functions.at(name);
    const Tensor x =
        filled_in_layout(layout, shape_of(c["shapes"][0]), device()).detach().requires_grad_();
    const Tensor y = filled(shape_of(c["shapes"][1]), device(), float64, 1).requires_grad_();
    const Tensor out = f(x, y);
    EXPECT_EQ(out.to_vector<double>(), numbers(c["out"])) << what;
    const auto gradients = grad((out * weights(out.shape(), device())).sum(), {x, y});
    EXPECT_EQ(values_of(gradients[0], x), numbers(c["gradients"][0])) << what;
    EXPECT_EQ(values_of(gradients[1], y), numbers(c["gradients"][1])) << what;
  }
}

// The values again in every dtype: a type's result is the converted result where no arithmetic is
// done.
TEST_P(IndexingGolden, EveryDtypeIsPickedAndWritten) {
  for (const DType dtype : {float32, float64, int64, int32, uint8, boolean}) {
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
    for (const DType index : {int32, int64})
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
      if (c["out"].empty()) continue;
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
