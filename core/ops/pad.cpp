// Padding and cropping.
#include "../autograd/record.h"
#include "../dispatch.h"
#include "rearrange.h"
#include "remap.h"

namespace cuttle {
namespace {

using kernels::IndexMap;

IndexMap map_of(std::string_view mode) {
  if (mode == "constant") return IndexMap::window;
  if (mode == "reflect") return IndexMap::mirror;
  if (mode == "replicate") return IndexMap::clamp;
  if (mode == "circular") return IndexMap::wrap;
  fail("pad: mode must be \"constant\", \"reflect\", \"replicate\" or \"circular\", got \"", mode,
       "\"");
}

// `size` elements with so many more (or fewer) before and behind.
void check_dimension(const Tensor& x, int dim, IndexMap map, std::string_view mode, int64_t before,
                     int64_t behind) {
  const int64_t size = x.size(dim);
  const auto refuse = [&](const auto&... why) {
    fail("pad: dimension ", dim, " of shape ", x.shape(), " cannot be padded by (", before, ", ",
         behind, ") with mode \"", mode, "\": ", why...);
  };
  if (-before > size || -behind > size || size + before + behind < 0)
    refuse("it has only ", size, " elements to cut off");
  const int64_t most = std::max(before, behind);
  if (map == IndexMap::window || most <= 0) return;
  if (size == 0) refuse("it has no elements to repeat");
  if (map == IndexMap::mirror && most >= size)
    refuse("at most ", size - 1, " elements lie behind the one at the edge");
  if (map == IndexMap::wrap && most > size) refuse("it would go round more than once");
}

// What negative numbers cut off, cut off.
Tensor cropped(Tensor x, std::string_view mode, std::vector<int64_t>& padding) {
  for (size_t i = 0; i < padding.size(); i += 2) {
    const int d = x.dim() - 1 - static_cast<int>(i / 2);
    const int64_t before = std::min<int64_t>(padding[i], 0),
                  behind = std::min<int64_t>(padding[i + 1], 0);
    check_dimension(x, d, IndexMap::window, mode, padding[i], padding[i + 1]);
    if (before < 0 || behind < 0) x = x.narrow(d, -before, x.size(d) + before + behind);
    padding[i] -= before;
    padding[i + 1] -= behind;
  }
  return x;
}

}  // namespace

Tensor pad(const Tensor& input, const std::vector<int64_t>& numbers, std::string_view mode,
           Scalar value) {
  check_defined("pad", input);
  const IndexMap map = map_of(mode);
  const int padded = static_cast<int>(numbers.size() / 2);
  if (numbers.size() % 2 != 0 || padded > input.dim())
    fail("pad: the padding has two numbers a dimension, from the last one on; got ", numbers.size(),
         " numbers for shape ", input.shape());
  std::vector<int64_t> padding = numbers;
  // What is left goes round, not what there was.
  const Tensor x = map == IndexMap::wrap ? cropped(input, mode, padding) : input;
  RemapPlan plan("pad", x);
  if (map == IndexMap::window) plan.value = value;
  bool crops = false;
  for (int k = 0; k < padded; ++k) {
    const int d = x.dim() - 1 - k;
    const int64_t before = padding[static_cast<size_t>(2 * k)];
    const int64_t behind = padding[static_cast<size_t>(2 * k + 1)];
    check_dimension(x, d, map, mode, before, behind);
    plan.out_shape[d] += before + behind;
    plan.dims[static_cast<size_t>(d)] = {before == 0 && behind == 0 ? IndexMap::window : map,
                                         -before};
    crops = crops || before < 0 || behind < 0;
  }
  if (map != IndexMap::window || crops) return remapped(plan, x);
  // Of a frame of constants the gradient is what lies within it: a view.
  return record(
      "pad", remapped_values(plan, x), {x},
      [plan](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        Tensor inside = gradient;
        for (int d = 0; d < plan.shape.size(); ++d)
          if (plan.shape[d] != plan.out_shape[d])
            inside = inside.narrow(d, -plan.dims[static_cast<size_t>(d)].offset, plan.shape[d]);
        return {inside};
      },
      Saves::nothing);
}

}  // namespace cuttle
