// Programs that write to views while recording, of tests/golden/generate_indexing.py, by their
// names: each starts from leaves x (3, 4) and y (4).
#pragma once

#include <cuttle/core/autograd/grad_mode.h>

#include <functional>
#include <map>
#include <string>

#include "indexing_cases.h"

namespace cuttle::test {

using indexing::None;
using indexing::Slice;
using Program = std::function<Tensor(const Tensor& x, const Tensor& y)>;

inline Tensor flat(const Tensor& x) {
  return x.reshape({-1});
}

inline const std::map<std::string, Program>& programs() {
  using T = const Tensor&;
  static const std::map<std::string, Program> all{
      {"assign_row",
       [](T x, T y) {
         Tensor h = x * 2;
         h[1] = y;
         return h * h;
       }},
      {"add_column",
       [](T x, T y) {
         Tensor h = x * 2;
         h.select(1, 0) += y.narrow(0, 0, 3);
         return h * h;
       }},
      {"view_of_view",
       [](T x, T y) {
         Tensor h = x * 2;
         Tensor v = h.narrow(0, 1, 2).narrow(1, 1, 2);
         v *= y.narrow(0, 0, 2);
         return h * h;
       }},
      {"transpose_then_slice",
       [](T x, T y) {
         Tensor h = x * 2;
         h.t().slice(0, 1, 3).mul_(y.narrow(0, 0, 3));
         return h * h;
       }},
      {"diagonal",
       [](T x, T y) {
         Tensor h = x * 2;
         h.diagonal(1).add_(y.narrow(0, 0, 3));
         return h * h;
       }},
      {"base_used_before",
       [](T x, T y) {
         Tensor h = x * 2;
         const Tensor before = h + 1;
         h[0] = y;
         return before * 3 + h * h;
       }},
      {"view_used_after",
       [](T x, T y) {
         Tensor h = x * 2;
         Tensor v = h[2];
         v *= y;
         return cat({v * v, flat(h * 3)});
       }},
      {"two_views",
       [](T x, T y) {
         Tensor h = x * 2;
         Tensor a = h[0], b = h.select(1, 1);
         a += y;
         b *= 3;
         return cat({a * 2, b * b, flat(h)});
       }},
      {"older_view_sees_it",
       [](T x, T y) {
         Tensor h = x * 2;
         const Tensor older = h.narrow(1, 1, 3);
         h[1] = y;
         return cat({flat(older * older), flat(h)});
       }},
      {"older_view_of_a_changed_base",
       [](T x, T y) {
         Tensor h = x * 2;
         const Tensor older = h[1];
         h *= y;
         return older * older;
       }},
      {"constant_base",
       [](T x, T y) {
         Tensor h = zeros(x.shape(), {.dtype = x.dtype(), .device = x.device()});
         const Tensor older = h[2];
         h[0] = y;
         h.index({Slice(1, None)}) = x.narrow(0, 1, 2) * 2;
         return cat({flat(h), older * older});
       }},
      {"filled_region",
       [](T x, T y) {
         Tensor h = x * 2;
         h.index({Slice(), Slice(1, 3)}) = 5;
         h[0].zero_();
         return h * h + y;
       }},
      {"twice",
       [](T x, T y) {
         Tensor h = x * 2;
         h[1] = y;
         h[1] *= y;
         h.select(1, 0).copy_(h.select(1, 1) * 2);
         return h;
       }},
      {"detached",
       [](T x, T y) {
         Tensor h = x * 2;
         h.detach()[0] = 7;
         return h * 3 + y;
       }},
      {"under_no_grad",
       [](T x, T y) {
         Tensor h = x * 2;
         {
           const NoGradGuard no_grad;
           h[0] = 7;
         }
         return h * 3 + y;
       }},
      {"rows_in_a_loop",
       [](T x, T y) {
         Tensor h = zeros(x.shape(), {.dtype = x.dtype(), .device = x.device()});
         for (int64_t i = 0; i < 3; ++i) {
           const Tensor row = x[i] * y;
           h[i] = i > 0 ? h[i - 1] + row : row;
         }
         return h;
       }},
      {"reshaped",
       [](T x, T y) {
         Tensor h = x * 2;
         h.view(2, 6)[1].mul_(3);
         h.view(-1).narrow(0, 2, 4) += y;
         return h * h;
       }},
      {"index_put",
       [](T x, T y) {
         Tensor h = x * 2;
         Tensor rows = h.narrow(0, 1, 2);
         rows.index_put_({integers({0, 1}, x.device()), integers({3, 0}, x.device())},
                         y.narrow(0, 0, 2));
         return h * h;
       }},
      {"through_unfold",
       [](T x, T y) {
         Tensor h = x * 2;
         const Tensor windows = h.unfold(1, 2, 1);
         h[0] = y;
         return windows * windows;
       }},
  };
  return all;
}

}  // namespace cuttle::test
