// The loops that tests of reductions go through: rows, columns, everything, and views.
#pragma once

#include <cuttle/kernels/reduce.h>

#include "backend.h"

namespace cuttle::test {

using kernels::ReduceLoop;
using kernels::ReduceOp;
using kernels::StridedLoop;

struct ReduceCase {
  const char* name;
  ReduceLoop loop;
};

inline ReduceLoop rows(int64_t m, int64_t n) {
  return {{1, {m}, {{n}, {1}}}, {1, {n}, {{1}}}};
}
inline ReduceLoop columns(int64_t m, int64_t n) {
  return {{1, {n}, {{1}, {1}}}, {1, {m}, {{n}}}};
}
inline ReduceLoop everything(int64_t n) {
  return {{0, {}, {}}, {1, {n}, {{1}}}};
}

inline std::vector<ReduceCase> reduce_cases() {
  std::vector<ReduceCase> all;
  for (int64_t n : {1, 31, 33, 1025, 70001}) all.push_back({"everything", everything(n)});
  all.push_back({"rows", rows(33, 10)});
  all.push_back({"rows", rows(31, 1025)});
  all.push_back({"rows", rows(1025, 3)});
  all.push_back({"rows of one", rows(70, 1)});
  all.push_back({"columns", columns(33, 31)});
  all.push_back({"columns", columns(1025, 5)});
  all.push_back({"columns, long", columns(3001, 33)});
  all.push_back({"columns, one", columns(1025, 1)});
  // where a load takes several elements, and several blocks share an output
  all.push_back({"everything, packs", everything(1 << 16)});
  all.push_back({"rows, packs", rows(3, 40000)});
  all.push_back({"rows, packs, short", rows(33, 12)});
  all.push_back({"columns, packs", columns(1025, 64)});
  all.push_back({"columns, packs, long", columns(1500, 132)});
  // a channels-last image batch (3, 5, 6, 8) without its last column of pixels, over all but the
  // channels; and each image's planes of (3, 8, 5, 6) over the pixels
  all.push_back({"channels", {{1, {8}, {{1}, {1}}}, {3, {3, 5, 5}, {{240, 48, 8}}}}});
  all.push_back({"planes", {{1, {8}, {{30}, {1}}}, {2, {3, 30}, {{240, 1}}}}});
  // (5, 7, 33) over the first and last dimension, output strided
  all.push_back({"outer and inner", {{1, {7}, {{33}, {3}}}, {2, {5, 33}, {{231, 1}}}}});
  // (5, 7, 33) over the middle
  all.push_back({"middle", {{2, {5, 33}, {{231, 1}, {33, 1}}}, {1, {7}, {{33}}}}});
  // a transposed view, three dimensions reduced
  all.push_back({"three", {{1, {4}, {{1}, {1}}}, {3, {3, 5, 6}, {{120, 24, 4}}}}});
  return all;
}

inline std::vector<int64_t> offsets_of(const StridedLoop<1>& loop) {
  std::vector<int64_t> offsets;
  for_each_element(loop, [&](const int64_t* at) { offsets.push_back(at[0]); });
  return offsets;
}

}  // namespace cuttle::test
