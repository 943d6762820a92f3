// One tensor's elements laid out in other ways: what operations have to give the same results for.
#pragma once

#include <cuttle/core/creation.h>
#include <cuttle/core/ops/arithmetic.h>

#include <vector>

namespace cuttle::test {

/// The same elements dense, transposed, with gaps, and at an offset.
inline std::vector<Tensor> laid_out(const Tensor& x) {
  std::vector<Tensor> all = {x};
  if (x.dim() == 0) return all;
  std::vector<int64_t> reversed;
  for (int d = x.dim() - 1; d >= 0; --d) reversed.push_back(d);
  all.push_back(x.permute(reversed).contiguous().permute(reversed));
  all.push_back(stack({x, x + 1}, -1).select(-1, 0));
  all.push_back(cat({x, x}, 0).narrow(0, x.size(0), x.size(0)));
  return all;
}

}  // namespace cuttle::test
