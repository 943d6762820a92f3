// The views of tests/golden/generate_indexing.py by their names.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "indexing_cases.h"

namespace cuttle::test {

using Unary = std::function<Tensor(const Tensor&)>;

// Parts, each times its number, joined: which part an element came from shows in its gradient.
inline Tensor numbered(const std::vector<Tensor>& parts, int64_t dim = 0) {
  std::vector<Tensor> scaled;
  for (size_t i = 0; i < parts.size(); ++i) scaled.push_back(parts[i] * (i + 1.0));
  return cat(scaled, dim);
}

inline const std::map<std::string, Unary>& views() {
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
      {"split_empty", [](T x) { return numbered(x.split(2)); }},
      {"diagonal_empty", [](T x) { return x.diagonal(1); }},
      {"unfold_single", [](T x) { return x.unfold(0, 1, 1); }},
      {"broadcast_to",
       [](T x) {
         return x.broadcast_to({2, 3, 4});
       }},
      {"view",
       [](T x) {
         return x.view({2, 3, 2, 1});
       }},
      {"reshape", [](T x) { return x.reshape(3, -1); }},
      {"flatten", [](T x) { return x.flatten(1); }},
      {"transpose", [](T x) { return x.transpose(0, -1); }},
      {"t", [](T x) { return x.t(); }},
      {"permute", [](T x) { return x.permute(2, 0, 1); }},
      {"swapdims", [](T x) { return x.swapdims(1, 2); }},
      {"moveaxis", [](T x) { return x.moveaxis(0, 2); }},
      {"unsqueeze", [](T x) { return x.unsqueeze(-1); }},
      {"expand", [](T x) { return x.expand(3, -1, 4); }},
      {"view_as",
       [](T x) {
         return x.view_as(zeros({2, 2, 3}));
       }},
      {"reshape_as",
       [](T x) {
         return x.reshape_as(zeros({4, 3}));
       }},
      {"expand_as",
       [](T x) {
         return x.expand_as(zeros({2, 2, 3}));
       }},
      {"atleast_1d", [](T x) { return x.atleast_1d(); }},
      {"select", [](T x) { return x.select(1, -2); }},
      {"narrow", [](T x) { return x.narrow(1, 1, 2); }},
      {"slice", [](T x) { return x.slice(1, 1, 6, 2); }},
      {"broadcast_tensors",
       [](T x) {
         return broadcast_tensors({filled({3, 1, 4}, x.device()), x})[1];
       }},
      {"contiguous", [](T x) { return x.t().contiguous(); }},
      {"clone", [](T x) { return x.clone(); }},
  };
  return all;
}

}  // namespace cuttle::test
