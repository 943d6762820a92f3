// Views and picking as functions: each is its method. What the methods do, PyTorch's values show.
#include <cuttle/core/indexing.h>
#include <cuttle/core/ops/arithmetic.h>
#include <cuttle/core/ops/picking.h>
#include <cuttle/core/ops/views.h>

#include <functional>

#include "samples.h"
#include "support/expect.h"

namespace cuttle::test {
namespace {

void expect_same_view(const char* name, const Tensor& function, const Tensor& method) {
  EXPECT_EQ(function.raw_data(), method.raw_data()) << name;
  EXPECT_EQ(function.shape(), method.shape()) << name;
  EXPECT_EQ(function.strides(), method.strides()) << name;
}

TEST(ViewForms, FunctionsAreTheMethods) {
  const Tensor x = arange(24).view(2, 3, 4);
  expect_same_view("reshape", reshape(x, {4, -1}), x.reshape({4, -1}));
  expect_same_view("flatten", flatten(x, 1), x.flatten(1));
  expect_same_view("flatten", flatten(x, 0, 1), x.flatten(0, 1));
  expect_same_view("ravel", ravel(x), x.ravel());
  expect_same_view("unflatten", unflatten(x, 2, {2, 2}), x.unflatten(2, {2, 2}));
  expect_same_view("t", t(x[1]), x[1].t());
  expect_same_view("transpose", transpose(x, 0, 2), x.transpose(0, 2));
  expect_same_view("swapaxes", swapaxes(x, 0, 1), x.swapaxes(0, 1));
  expect_same_view("swapdims", swapdims(x, 1, 2), x.swapdims(1, 2));
  expect_same_view("permute", permute(x, {2, 0, 1}), x.permute({2, 0, 1}));
  expect_same_view("movedim", movedim(x, 0, -1), x.movedim(0, -1));
  expect_same_view("moveaxis", moveaxis(x, {0, 1}, {2, 0}), x.moveaxis({0, 1}, {2, 0}));
  expect_same_view("squeeze", squeeze(x.narrow(1, 1, 1), 1), x.narrow(1, 1, 1).squeeze(1));
  expect_same_view("squeeze", squeeze(x.narrow(0, 1, 1)), x.narrow(0, 1, 1).squeeze());
  expect_same_view("unsqueeze", unsqueeze(x, -1), x.unsqueeze(-1));
  expect_same_view("broadcast_to", broadcast_to(x, {5, 2, 3, 4}), x.broadcast_to({5, 2, 3, 4}));
  expect_same_view("atleast_1d", atleast_1d(x[0][0][1]), x[0][0][1].atleast_1d());
  expect_same_view("atleast_2d", atleast_2d(x[0][0]), x[0][0].atleast_2d());
  expect_same_view("atleast_3d", atleast_3d(x[0]), x[0].atleast_3d());
  expect_same_view("select", select(x, 1, 2), x.select(1, 2));
  expect_same_view("narrow", narrow(x, 2, 1, 2), x.narrow(2, 1, 2));
  expect_same_view("diagonal", diagonal(x, 1, 1, 2), x.diagonal(1, 1, 2));
  expect_same_view("as_strided", as_strided(x, {2, 2}, {5, 1}, 3), x.as_strided({2, 2}, {5, 1}, 3));
}

TEST(ViewForms, FunctionsThatGiveSeveralViewsAreTheMethods) {
  const Tensor x = arange(24).view(2, 3, 4);
  const auto expect_same = [](const char* name, const std::vector<Tensor>& functions,
                              const std::vector<Tensor>& methods) {
    ASSERT_EQ(functions.size(), methods.size()) << name;
    for (size_t i = 0; i < methods.size(); ++i) expect_same_view(name, functions[i], methods[i]);
  };
  expect_same("split", split(x, 2, 1), x.split(2, 1));
  expect_same("split", split(x, {3, 1}, 2), x.split({3, 1}, 2));
  expect_same("chunk", chunk(x, 3, -1), x.chunk(3, -1));
  expect_same("tensor_split", tensor_split(x, 3, 2), x.tensor_split(3, 2));
  expect_same("tensor_split", tensor_split(x, {1, 3}, 2), x.tensor_split({1, 3}, 2));
  expect_same("unbind", unbind(x, 1), x.unbind(1));
}

TEST(ViewForms, CopiesAreWhatTheMethodsGive) {
  const auto expect_equal = [](const char* name, const Tensor& function, const Tensor& method) {
    EXPECT_EQ(function.shape(), method.shape()) << name;
    EXPECT_EQ(function.to_vector<int64_t>(), method.to_vector<int64_t>()) << name;
  };
  const Tensor x = arange(12).view(3, 4), rows = tensor({2, 0}), source = x * 10 + 100;
  const Tensor places = tensor({{3, 1}, {0, 0}, {2, 3}});
  const Tensor mask = x.remainder(3) == 0;
  expect_equal("diag", diag(x, 1), x.diag(1));
  expect_equal("diag_embed", diag_embed(rows, 1), rows.diag_embed(1));
  expect_equal("gather", gather(x, 1, places), x.gather(1, places));
  expect_equal("scatter", scatter(x, 1, places, source), x.scatter(1, places, source));
  expect_equal("scatter", scatter(x, 1, places, 7), x.scatter(1, places, 7));
  expect_equal("scatter", scatter(x, 1, places, source, "add"),
               x.scatter(1, places, source, "add"));
  expect_equal("scatter", scatter(x, 1, places, 7, "multiply"),
               x.scatter(1, places, 7, "multiply"));
  expect_equal("scatter_add", scatter_add(x, 1, places, source), x.scatter_add(1, places, source));
  expect_equal("scatter_reduce", scatter_reduce(x, 1, places, source, "amax", false),
               x.scatter_reduce(1, places, source, "amax", false));
  expect_equal("index_select", index_select(x, 0, rows), x.index_select(0, rows));
  const Tensor two = source.narrow(0, 0, 2);
  expect_equal("index_add", index_add(x, 0, rows, two, 3), x.index_add(0, rows, two, 3));
  expect_equal("index_copy", index_copy(x, 0, rows, two), x.index_copy(0, rows, two));
  expect_equal("index_fill", index_fill(x, 0, rows, 5), x.index_fill(0, rows, 5));
  expect_equal("index_fill", index_fill(x, 0, rows, tensor(5)), x.index_fill(0, rows, tensor(5)));
  expect_equal("index_reduce", index_reduce(x, 0, rows, two, "prod", false),
               x.index_reduce(0, rows, two, "prod", false));
  expect_equal("index_put", index_put(x, {rows}, two, true), x.index_put({rows}, two, true));
  expect_equal("masked_fill", masked_fill(x, mask, -1), x.masked_fill(mask, -1));
  expect_equal("masked_fill", masked_fill(x, mask, tensor(-1)), x.masked_fill(mask, tensor(-1)));
  expect_equal("masked_scatter", masked_scatter(x, mask, source), x.masked_scatter(mask, source));
  expect_equal("take", take(x, places), x.take(places));
  expect_equal("put", put(x, rows, tensor({50, 60}), true), x.put(rows, tensor({50, 60}), true));
  expect_equal("take_along_dim", take_along_dim(x, places, 1), x.take_along_dim(places, 1));
}

}  // namespace
}  // namespace cuttle::test
