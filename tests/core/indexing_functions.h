// The functions of tests/golden/generate_indexing.py that read and write by index, by their names.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "view_functions.h"

namespace cuttle::test {

using indexing::Ellipsis;
using indexing::None;
using indexing::Slice;

using Binary = std::function<Tensor(const Tensor&, const Tensor&)>;

// What the functions below index with, on the device of the test.
struct Indices {
  Device device;

  Tensor of(std::initializer_list<int64_t> values) const { return integers(values, device); }
  Tensor matrix() const { return of({0, 2, 1, 1, 2, 0, 0, 1}).view(2, 4); }
  Tensor mask() const { return of({1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1}).view(3, 4).to(boolean); }
  Tensor flags(std::initializer_list<int64_t> values) const { return of(values).to(boolean); }
};

inline std::map<std::string, Unary> reads(const Device& device) {
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
      {"of_empty",
       [=](T x) {
         return x.index({Slice(), i.of({1, 0})});
       }},
      {"empty", [=](T x) { return x.index({i.of({})}); }},
      {"gather0", [=](T x) { return x.gather(0, i.matrix()); }},
      {"gather1",
       [=](T x) {
         return x.gather(1, i.of({0, 3, 3, 1, 2}).unsqueeze(0));
       }},
      {"gather_empty", [=](T x) { return x.gather(0, i.of({}).view(0, 2)); }},
      {"index_select_single",
       [=](T x) {
         return x.index_select(0, i.of({0, 0}));
       }},
      {"index_select",
       [=](T x) {
         return x.index_select(1, i.of({3, 0, 0, 1}));
       }},
      {"index_select0", [=](T x) { return x.index_select(0, i.of({})); }},
      {"take_along_dim_single", [=](T x) { return x.take_along_dim(i.of({0}), 0); }},
      {"take_along_dim_none", [=](T x) { return x.take_along_dim(i.of({}).view(0, 1), 1); }},
      {"gather_single",
       [=](T x) {
         return x.gather(0, i.of({0, 0}));
       }},
      {"take_single",
       [=](T x) {
         return x.take(i.of({0, -1}));
       }},
      {"take_none", [=](T x) { return x.take(i.of({}).view(0, 2)); }},
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

inline std::map<std::string, Binary> writes(const Device& device) {
  using T = const Tensor&;
  const Indices i{device};
  std::map<std::string, Binary> all = {
      {"scatter",
       [=](T x, T y) {
         return x.scatter(0, i.of({0, 2, 1, 1, 2, 0, 0, 2}).view(2, 4), y);
       }},
      {"scatter_none", [=](T x, T y) { return x.scatter(0, i.of({}).view(0, 4), y); }},
      {"scatter_single", [=](T x, T y) { return x.scatter(0, i.of({0}), y); }},
      {"scatter_add_none", [=](T x, T y) { return x.scatter_add(1, i.of({}).view(0, 4), y); }},
      {"scatter_add_single",
       [=](T x, T y) {
         return x.scatter_add(0, i.of({0, 0, 0}), y);
       }},
      {"index_copy_none",
       [=](T x, T y) {
         return x.index_copy(0, i.of({2, 0}), y);
       }},
      {"index_fill_none",
       [=](T x, T y) {
         return x.index_fill(1, i.of({2, 0}), y);
       }},
      {"masked_fill_none",
       [=](T x, T y) {
         return x.masked_fill(i.flags({1, 0, 0, 1}), y);
       }},
      {"masked_scatter_none",
       [=](T x, T y) { return x.masked_scatter(i.flags({}).view(3, 0), y); }},
      {"index_add_single",
       [=](T x, T y) {
         return x.index_add(0, i.of({0, 0}), y);
       }},
      {"index_copy_single", [=](T x, T y) { return x.index_copy(0, i.of({0}), y); }},
      {"index_put_single", [=](T x, T y) { return x.index_put({i.of({0})}, y); }},
      {"masked_scatter_single", [=](T x, T y) { return x.masked_scatter(i.flags({1}), y); }},
      {"put_none", [=](T x, T y) { return x.put(i.of({}), y); }},
      {"put_single", [=](T x, T y) { return x.put(i.of({0}), y); }},
      {"index_put_none",
       [=](T x, T y) {
         return x.index_put({i.of({0, 2})}, y);
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
      {"index_add_none", [=](T x, T y) { return x.index_add(0, i.of({}), y); }},
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
  for (const std::string reduce : {"sum", "prod", "mean", "amax", "amin"}) {
    all["scatter_reduce_" + reduce] = [=](T x, T y) {
      return x.scatter_reduce(0, i.matrix(), y, reduce);
    };
    all["scatter_reduce_others_" + reduce] = [=](T x, T y) {
      return x.scatter_reduce(1, i.of({3, 0, 3, 1, 1, 1}).view(2, 3), y + 0.125, reduce, false);
    };
    all["index_reduce_" + reduce] = [=](T x, T y) {
      return x.index_reduce(0, i.of({2, 0, 2, 2, 1}), y, reduce);
    };
    all["index_reduce_others_" + reduce] = [=](T x, T y) {
      return x.index_reduce(1, i.of({1, 1, 3}), y + 0.125, reduce, false);
    };
  }
  return all;
}

}  // namespace cuttle::test
