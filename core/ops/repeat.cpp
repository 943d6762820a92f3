// Repetition: views that are expanded, then copied. So the gradient is a sum, by the reductions'
// kernels.
#include "../creation.h"
#include "../dispatch.h"
#include "arithmetic.h"
#include "rearrange.h"

namespace cuttle {
namespace {

// Each dimension repeated beside itself, if the intermediate has few enough dimensions: (2, 3)
// repeated (4, 1) times is read as (1 → 4, 2, 3).
bool fits_interleaved(const Shape& shape, const Shape& repeats, Shape& before, Shape& after) {
  int rank = 0;
  for (int d = 0; d < shape.size(); ++d) rank += repeats[d] != 1 && shape[d] != 1 ? 2 : 1;
  if (rank > kMaxRank) return false;
  for (int d = 0; d < shape.size(); ++d) {
    if (repeats[d] != 1) {
      before.push_back(1);
      after.push_back(repeats[d]);
    }
    if (repeats[d] == 1 || shape[d] != 1) {
      before.push_back(shape[d]);
      after.push_back(shape[d]);
    }
  }
  return true;
}

// One dimension after the other, each as a tensor of three.
Tensor repeat_by_dimension(Tensor x, const Shape& repeats) {
  for (int d = 0; d < repeats.size(); ++d) {
    if (repeats[d] == 1) continue;
    Shape shape = x.shape();
    int64_t outer = 1;
    for (int i = 0; i < d; ++i) outer *= shape[i];
    int64_t inner = 1;
    for (int i = d; i < shape.size(); ++i) inner *= shape[i];
    shape[d] *= repeats[d];
    x = x.reshape(outer, 1, inner).expand(outer, repeats[d], inner).reshape(shape);
  }
  return x;
}

// Memory of its own for what was expanded, which a reshape might leave as a view.
Tensor copied(const Tensor& grown) {
  return grown.is_contiguous() ? grown.clone() : grown.contiguous();
}

void check_repeats(int64_t repeats) {
  if (repeats < 0)
    fail("repeat_interleave: the number of repeats must not be negative, got ", repeats);
}

}  // namespace

Tensor RearrangingMethods::repeat(const Shape& repeats) const {
  const Tensor& x = check_defined("repeat", self(*this));
  if (repeats.size() < x.dim())
    fail("repeat: ", repeats, " has fewer numbers than the tensor of shape ", x.shape(),
         " has dimensions; tile() takes that");
  Shape shape = Shape::filled(repeats.size(), 1), target = repeats;
  for (int d = 0; d < repeats.size(); ++d) {
    const int own = d - (repeats.size() - x.dim());
    if (own >= 0) shape[d] = x.shape()[own];
    if (repeats[d] < 0) fail("repeat: a number of repeats is negative in ", repeats);
    target[d] *= shape[d];
  }
  Shape before, after;
  if (!fits_interleaved(shape, repeats, before, after))
    return repeat_by_dimension(x.reshape(shape), repeats);
  const Tensor grown = x.reshape(before).expand(after);
  return copied(grown).reshape(target);
}

Tensor RearrangingMethods::tile(const Shape& repeats) const {
  const Tensor& x = check_defined("tile", self(*this));
  Shape all = repeats;
  while (all.size() < x.dim()) all.insert(0, 1);
  return x.repeat(all);
}

Tensor RearrangingMethods::repeat_interleave(int64_t repeats, std::optional<int64_t> dim) const {
  const Tensor& x = check_defined("repeat_interleave", self(*this));
  check_repeats(repeats);
  const Tensor along = dim ? x : x.flatten();
  const int d = wrap_dim("repeat_interleave", dim.value_or(0), along.dim());
  if (along.dim() == 0) return x.repeat_interleave(repeats);
  const Shape& old = along.shape();
  const int64_t outer = Shape(std::span(old.begin(), old.begin() + d)).numel();
  const int64_t inner = Shape(std::span(old.begin() + d + 1, old.end())).numel();
  Shape shape = old;
  shape[d] *= repeats;
  const Tensor grown = along.reshape(outer, old[d], 1, inner).expand(outer, old[d], repeats, inner);
  return copied(grown).reshape(shape);
}

Tensor RearrangingMethods::repeat_interleave(const Tensor& repeats,
                                             std::optional<int64_t> dim) const {
  const Tensor& x = check_defined("repeat_interleave", self(*this));
  check_defined("repeat_interleave", repeats);
  if (repeats.dtype() != int64 || repeats.dim() > 1)
    fail("repeat_interleave: the numbers of repeats must be an int64 vector, got ", repeats.dtype(),
         " of shape ", repeats.shape());
  if (repeats.numel() == 1) return x.repeat_interleave(repeats.item<int64_t>(), dim);
  const Tensor along = dim ? x : x.flatten();
  const int d = wrap_dim("repeat_interleave", dim.value_or(0), along.dim());
  if (along.dim() == 0 || along.size(d) != repeats.numel())
    fail("repeat_interleave: expected a number of repeats for each element of dimension ", d,
         " of shape ", along.shape(), ", got ", repeats.numel());
  std::vector<int64_t> index;
  int64_t at = 0;
  for (const int64_t times : repeats.to_vector<int64_t>()) {
    check_repeats(times);
    index.insert(index.end(), static_cast<size_t>(times), at++);
  }
  return along.index_select(d, tensor(index).to(x.device()));
}

Tensor tile(const Tensor& x, const Shape& repeats) {
  return x.tile(repeats);
}
Tensor repeat_interleave(const Tensor& x, int64_t repeats, std::optional<int64_t> dim) {
  return x.repeat_interleave(repeats, dim);
}
Tensor repeat_interleave(const Tensor& x, const Tensor& repeats, std::optional<int64_t> dim) {
  return x.repeat_interleave(repeats, dim);
}

std::vector<Tensor> meshgrid(const std::vector<Tensor>& tensors, std::string_view indexing) {
  if (tensors.empty()) fail("meshgrid: expected at least one tensor, got none");
  if (indexing != "ij" && indexing != "xy")
    fail("meshgrid: indexing must be \"ij\" or \"xy\", got \"", indexing, "\"");
  Shape shape;
  for (const Tensor& x : tensors) {
    check_defined("meshgrid", x);
    check_same_device("meshgrid", {&tensors[0], &x});
    check_same_dtype("meshgrid", {&tensors[0], &x});
    if (x.dim() > 1)
      fail("meshgrid: expected vectors or numbers, got shape ", x.shape(), "; flatten it first");
    shape.push_back(x.numel());
  }
  const bool swaps = indexing == "xy" && tensors.size() > 1;
  if (swaps) std::swap(shape[0], shape[1]);
  std::vector<Tensor> grid;
  for (int k = 0; k < shape.size(); ++k) {
    const int along = swaps && k < 2 ? 1 - k : k;
    Shape own = Shape::filled(shape.size(), 1);
    own[along] = shape[along];
    grid.push_back(tensors[static_cast<size_t>(k)].reshape(own).expand(shape));
  }
  return grid;
}

Tensor one_hot(const Tensor& classes, int64_t num_classes) {
  check_defined("one_hot", classes);
  if (classes.dtype() != int64)
    fail("one_hot: expected int64 classes, got ", classes.dtype(), "; convert with .to(int64)");
  if (num_classes < -1 || num_classes == 0)
    fail("one_hot: num_classes must be positive, or -1 to take the largest value + 1, got ",
         num_classes);
  if (num_classes < 0 && classes.numel() == 0)
    fail("one_hot: without elements the number of classes is unknown; give num_classes");
  if (num_classes < 0 || classes.is_cpu()) {
    int64_t largest = -1;
    for (const int64_t value : classes.to_vector<int64_t>()) {
      if (value < 0) fail("one_hot: classes must not be negative, got ", value);
      largest = std::max(largest, value);
    }
    if (num_classes < 0) num_classes = largest + 1;
    if (largest >= num_classes)
      fail("one_hot: class ", largest, " is out of range for num_classes = ", num_classes);
  }
  const Tensor places = arange(num_classes, {.dtype = int64, .device = classes.device()});
  return (classes.unsqueeze(-1) == places).to(int64);
}

}  // namespace cuttle
