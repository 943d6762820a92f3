// x[…] with any combination of numbers, slices, None, ellipses, masks and index tensors, read and
// written.
#include "../autocast.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../indexing.h"
#include "../tensor_impl.h"
#include "along.h"
#include "arithmetic.h"
#include "index_map.h"

namespace cuttle {

using indexing::EllipsisType;
using indexing::NoneType;
using indexing::Slice;
using kernels::IndexWrite;

namespace {

bool is_mask(const Tensor& tensor) {
  return tensor.dtype() == boolean || tensor.dtype() == uint8;
}

// A single number, which picks a slice as a C++ number does.
bool is_number(const Tensor& tensor) {
  return tensor.dim() == 0 && !is_mask(tensor) && !is_floating_point(tensor.dtype());
}

// How many of the tensor's dimensions a token stands for; an ellipsis for none.
int dims_of(const TensorIndex& index) {
  const auto& token = index.token();
  if (const auto* tensor = std::get_if<Tensor>(&token)) {
    check_defined("index", *tensor);
    return is_mask(*tensor) ? tensor->dim() : 1;
  }
  return std::holds_alternative<int64_t>(token) || std::holds_alternative<Slice>(token) ? 1 : 0;
}

// The tensor seen through all tokens but index tensors, and those, one a dimension (undefined: the
// whole dimension).
struct Indexed {
  Tensor view;
  std::vector<Tensor> index;
  bool unique = false;  // masks alone name no element twice
};

class Walk {
 public:
  explicit Walk(const Tensor& x) : out_{.view = x, .index = {}} {}

  void take(const TensorIndex& index, int ellipsis_dims) {
    const auto& token = index.token();
    if (std::holds_alternative<NoneType>(token)) {
      out_.view = out_.view.unsqueeze(at_);
      keep_dims(1);
    } else if (std::holds_alternative<EllipsisType>(token)) {
      keep_dims(ellipsis_dims);
    } else if (const auto* number = std::get_if<int64_t>(&token)) {
      out_.view = select(*number);
    } else if (const auto* slice = std::get_if<Slice>(&token)) {
      take_slice(*slice);
    } else if (const auto* flag = std::get_if<bool>(&token)) {
      take_mask(full({}, *flag, {.dtype = boolean, .device = out_.view.device()}));
    } else {
      take_tensor(std::get<Tensor>(token));
    }
  }

  Indexed finish() {
    keep_dims(out_.view.dim() - at_);
    out_.unique = masks_ > 0 && tensors_ == masks_;
    return std::move(out_);
  }

 private:
  void keep_dims(int count) {
    at_ += count;
    out_.index.resize(static_cast<size_t>(at_));
  }

  Tensor select(int64_t index) const {
    const int64_t size = out_.view.size(at_);
    if (index < -size || index >= size)
      fail("index: index ", index, " is out of range for dimension ", at_, " of size ", size);
    return out_.view.select(at_, index);
  }

  void take_slice(const Slice& slice) {
    if (slice.step() < 1)
      fail("index: the step of a slice must be at least 1, got ", slice.step(),
           "; flip the dimension to walk backwards");
    out_.view = out_.view.slice(at_, slice.start().value_or(0), slice.stop().value_or(INT64_MAX),
                                slice.step());
    keep_dims(1);
  }

  void take_tensor(const Tensor& tensor) {
    if (is_number(tensor)) {
      out_.view = select(tensor.item<int64_t>());
    } else if (is_mask(tensor)) {
      take_mask(tensor);
    } else {
      // 0-dimensional and CPU indices of tensors elsewhere are moved, as in PyTorch.
      const Tensor index = tensor.is_cpu() ? tensor.to(out_.view.device()) : tensor;
      out_.index.push_back(checked_index("index", out_.view, index));
      ++at_;
      ++tensors_;
    }
  }

  void take_mask(const Tensor& mask) {
    const Tensor flags = mask.dtype() == boolean ? mask : mask != 0;
    if (flags.dim() == 0) out_.view = out_.view.unsqueeze(at_);
    for (int d = 0; d < flags.dim(); ++d)
      if (flags.size(d) != out_.view.size(at_ + d))
        fail("index: the mask of shape ", flags.shape(),
             " does not fit the tensor, whose dimension ", at_ + d, " is ", out_.view.size(at_ + d),
             " and the mask's dimension ", d, " is ", flags.size(d));
    const Tensor whole = flags.dim() == 0 ? flags.reshape({1}) : flags;
    const Tensor places = places_of("index", whole).to(out_.view.device());
    for (int d = 0; d < whole.dim(); ++d, ++at_) out_.index.push_back(places.select(1, d));
    ++tensors_;
    ++masks_;
  }

  Indexed out_;
  int at_ = 0;  // the view's dimension that the next token is about
  int tensors_ = 0, masks_ = 0;
};

// x[mask] = number, which need not know where the mask is set.
bool is_filling(const Tensor& x, const std::vector<TensorIndex>& indices, const Tensor& values) {
  const auto* mask = indices.size() == 1 ? std::get_if<Tensor>(&indices[0].token()) : nullptr;
  return mask != nullptr && mask->defined() && mask->dtype() == boolean &&
         mask->device() == x.device() && mask->shape() == x.shape() && values.numel() == 1;
}

Indexed walk_through(const Tensor& x, const std::vector<TensorIndex>& indices) {
  check_defined("index", x);
  int named = 0, ellipses = 0;
  for (const TensorIndex& index : indices) {
    named += dims_of(index);
    ellipses += std::holds_alternative<EllipsisType>(index.token()) ? 1 : 0;
  }
  if (ellipses > 1) fail("index: only one ellipsis can stand for the dimensions not named");
  if (named > x.dim())
    fail("index: too many indices: ", named, " dimensions are named and the tensor, of shape ",
         x.shape(), ", has ", x.dim());
  Walk walk(x);
  for (const TensorIndex& index : indices) walk.take(index, x.dim() - named);
  return walk.finish();
}

bool has_index(const Indexed& indexed) {
  return std::any_of(indexed.index.begin(), indexed.index.end(),
                     [](const Tensor& index) { return index.defined(); });
}

// Index tensors are broadcast, and their dimensions take the place of those that they pick from if
// these are neighbours; else they come first.
IndexMap map_of(std::string_view op, const Indexed& indexed) {
  const Tensor& x = indexed.view;
  Shape common;
  for (const Tensor& index : indexed.index)
    if (index.defined()) common = broadcast_shapes(op, common, index.shape());
  IndexMap map;
  map.op = op;
  map.source = x.shape();
  map.from_back = true;
  map.unique = indexed.unique;
  std::vector<int> kept;
  bool neighbours = true;
  for (int d = 0; d < x.dim(); ++d) {
    const Tensor& index = indexed.index[static_cast<size_t>(d)];
    if (!index.defined()) {
      kept.push_back(d);
      continue;
    }
    neighbours = neighbours && (map.dims.empty() || map.dims.back() == d - 1);
    map.index.push_back(index.expand(common).contiguous());
    map.dims.push_back(d);
  }
  map.first = neighbours ? map.dims.front() : 0;
  map.count = common.size();
  const auto add = [&](int64_t size, int walks) {
    map.shape.push_back(size);
    map.walks[static_cast<size_t>(map.shape.size() - 1)] = walks;
  };
  for (int i = 0; i <= static_cast<int>(kept.size()); ++i) {
    if (i == map.first)
      for (const int64_t size : common) add(size, -1);
    if (i < static_cast<int>(kept.size()))
      add(x.size(kept[static_cast<size_t>(i)]), kept[static_cast<size_t>(i)]);
  }
  return map;
}

// `values` as they are written to elements of this shape: PyTorch drops leading dimensions of 1.
Tensor fitted(const Tensor& values, const Shape& shape, const Tensor& x) {
  Tensor fit = values;
  while (fit.dim() > shape.size() && fit.size(0) == 1) fit = fit.squeeze(0);
  if (broadcast_shapes("index_put", shape, fit.shape()) != shape)
    fail("index_put: values of shape ", values.shape(), " do not broadcast to the ", shape,
         " that is indexed");
  if (fit.device() != x.device() && fit.dim() > 0) check_same_device("index_put", {&x, &values});
  return fit.to(x.device(), x.dtype()).expand(shape);
}

}  // namespace

TensorIndex::TensorIndex(const char* ellipsis) : token_(EllipsisType{}) {
  if (std::string_view(ellipsis) != "...")
    fail("index: \"...\" is the only text that is an index, got \"", ellipsis, "\"");
}

IndexedElements::IndexedElements(Tensor elements, Tensor source, std::vector<TensorIndex> indices)
    : Tensor(std::move(elements)), source_(std::move(source)), indices_(std::move(indices)) {}

void IndexedElements::write(const Tensor& values) {
  source_.index_put_(indices_, values);
}
// A view has written to x already.
void IndexedElements::write_back() {
  if (impl().storage != source_.impl().storage) write(*this);
}
void IndexedElements::operator=(Scalar value) && {
  source_.index_put_(indices_, value);
}

IndexedElements IndexingMethods::index(const std::vector<TensorIndex>& indices) const {
  const Tensor& x = check_defined("index", self(*this));
  const Indexed indexed = walk_through(x, indices);
  return {has_index(indexed) ? pick(indexed.view, map_of("index", indexed)) : indexed.view, x,
          indices};
}

Tensor& IndexingMethods::index_put_(const std::vector<TensorIndex>& indices, const Tensor& values,
                                    bool accumulate) {
  Tensor& x = self(*this);
  check_defined("index_put", values);
  if (!accumulate && is_filling(x, indices, values))
    return x.masked_fill_(std::get<Tensor>(indices[0].token()), values.reshape(Shape{}));
  Indexed indexed = walk_through(x, indices);
  if (!has_index(indexed)) {
    const Tensor fit = fitted(values, indexed.view.shape(), x);
    if (accumulate)
      indexed.view += fit;
    else
      indexed.view.copy_(fit);
  } else {
    const IndexMap map = map_of("index_put", indexed);
    write_to(indexed.view, map, accumulate ? IndexWrite::add : IndexWrite::assign,
             fitted(values, map.shape, x));
  }
  return x;
}

Tensor& IndexingMethods::index_put_(const std::vector<TensorIndex>& indices, Scalar value,
                                    bool accumulate) {
  const Tensor& x = self(*this);
  return index_put_(indices, full({}, value, {.dtype = x.dtype(), .device = x.device()}),
                    accumulate);
}

Tensor IndexingMethods::index_put(const std::vector<TensorIndex>& indices, const Tensor& values,
                                  bool accumulate) const {
  const auto wide = autocast_widest({&check_defined("index_put", self(*this)), &values});
  Tensor out = (wide ? self(*this).to(*wide) : self(*this)).clone();
  return out.index_put_(indices, wide ? values.to(*wide) : values, accumulate);
}

}  // namespace cuttle
