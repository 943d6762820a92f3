// Tensor: a handle on an n-dimensional array with a dtype, a device and a place on the tape.
#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <type_traits>
#include <vector>

#include "device.h"
#include "dtype.h"
#include "methods/autograd.h"
#include "methods/closeness.h"
#include "methods/creation.h"
#include "methods/elementwise.h"
#include "methods/indexing.h"
#include "methods/matrix.h"
#include "methods/ordering.h"
#include "methods/random.h"
#include "methods/rearranging.h"
#include "methods/reductions.h"
#include "methods/views.h"
#include "options.h"
#include "scalar.h"
#include "shape.h"

namespace cuttle {

struct TensorImpl;
class IndexedTensor;
namespace cuda {
class Stream;
}

/// A value-semantic handle: copies share memory, gradient and history, as names do in Python.
/// Operations throw Error with a sentence when shapes, dtypes or devices do not fit.
///
/// What can be done with tensors is declared family by family in core/methods, whose classes it
/// inherits; they are empty and stand for nothing by themselves.
class [[nodiscard]] Tensor : public AutogradMethods,
                             public ViewMethods,
                             public ClosenessMethods,
                             public ElementwiseMethods,
                             public RearrangingMethods,
                             public ReductionMethods,
                             public MatrixMethods,
                             public OrderingMethods,
                             public CreationMethods,
                             public RandomMethods,
                             public IndexingMethods {
 public:
  /// An undefined tensor: no shape, no memory. Most operations on it throw.
  Tensor() = default;
  explicit Tensor(std::shared_ptr<TensorImpl> impl) : impl_(std::move(impl)) {}
  Tensor(const Tensor&) = default;
  Tensor(Tensor&&) noexcept = default;
  ~Tensor() = default;
  /// The name now means the other tensor. Only for what has a name: assigned to a temporary, such
  /// as x.grad() or x.narrow(0, 1, 2), the other tensor would be lost, so that does not compile;
  /// write set_grad(y), or copy_(y) to change elements. (x[1] = y changes elements: IndexedTensor.)
  Tensor& operator=(const Tensor&) & = default;
  Tensor& operator=(Tensor&&) & noexcept = default;

  bool defined() const noexcept { return impl_ != nullptr; }
  /// True if both names mean one tensor (`==` compares elements).
  bool is_same(const Tensor& other) const noexcept { return impl_ == other.impl_; }
  TensorImpl& impl() const {
    if (!impl_) refuse_undefined();
    return *impl_;
  }

  // What it is.
  const Shape& shape() const;
  const Strides& strides() const;
  /// Number of dimensions.
  int dim() const { return shape().size(); }
  /// Size along one dimension; negative counts from the back.
  int64_t size(int64_t dim) const;
  int64_t numel() const;
  DType dtype() const;
  Device device() const;
  bool is_cpu() const { return device().is_cpu(); }
  bool is_cuda() const { return device().is_cuda(); }
  bool is_contiguous(MemoryFormat format = MemoryFormat::contiguous) const;
  /// In-place writes to this memory so far. Throws Error for inference tensors.
  uint64_t version() const;

  // Its elements.
  /// The first element, on the tensor's device; the others lie by strides(). Throws Error if T is
  /// not the dtype's type.
  template <class T>
  T* data() const {
    return static_cast<T*>(checked_data(dtype_of<T>));
  }
  void* raw_data() const;
  /// torch.Tensor.record_stream: work on that CUDA stream uses the memory, so it is not handed out
  /// again before that is done. data() says so for this thread's current stream; only pointers that
  /// are handed to other streams need it.
  void record_stream(const cuda::Stream& stream) const;
  /// The value of a tensor of one element; waits for the device. Throws Error where T cannot hold
  /// it, but for rounding and a fraction cut off.
  double item() const { return item<double>(); }
  template <class T>
  T item() const;
  /// All elements in logical (row-major) order, copied to the host and converted to T.
  template <ElementType T>
  std::vector<T> to_vector() const;
  /// As PyTorch prints it: values, and dtype and device where they are not the default.
  std::string str() const;

  // Copies between devices, dtypes and layouts. A tensor that already fits is returned as it is.
  [[nodiscard]] Tensor to(const Device& device) const;
  [[nodiscard]] Tensor to(DType dtype) const;
  [[nodiscard]] Tensor to(const Device& device, DType dtype) const;
  [[nodiscard]] Tensor cuda() const { return to(Device(DeviceType::cuda)); }
  [[nodiscard]] Tensor cpu() const { return to(Device()); }
  [[nodiscard]] Tensor contiguous(MemoryFormat format = MemoryFormat::contiguous) const;
  /// A copy with memory of its own; the layout is kept where it is dense.
  [[nodiscard]] Tensor clone() const;

  // The tape.
  bool requires_grad() const;
  /// Asks for gradients of this leaf. Throws Error for integer types and for results of operations.
  Tensor& requires_grad_(bool requires_grad = true);
  bool is_leaf() const;
  /// What backward() accumulated; undefined before. A handle on the stored gradient. Warns where a
  /// result is asked that keeps none: retain_grad() makes it.
  Tensor grad() const;
  /// Replaces the gradient; an undefined tensor removes it. Throws Error if its shape, dtype or
  /// device differ.
  void set_grad(const Tensor& gradient);
  /// Name of the operation that made it, "" for a leaf.
  std::string grad_fn() const;
  /// Accumulates d(this)/d(leaf) into the grad of every leaf that requires it. `gradient` is the
  /// derivative with respect to this tensor and may be left out where there is one element.
  /// The graph is freed afterwards unless `retain_graph`; with `create_graph` the gradients can be
  /// differentiated again.
  void backward(const Tensor& gradient = {}, bool retain_graph = false,
                bool create_graph = false) const;
  /// The same memory, without history.
  [[nodiscard]] Tensor detach() const;

  /// Writes the source's elements, converted and broadcast, into this memory.
  Tensor& copy_(const Tensor& source);
  Tensor& fill_(Scalar value);
  Tensor& zero_() { return fill_(0); }
  /// select(0, index); `x[index] = y` writes the elements.
  IndexedTensor operator[](int64_t index) const;

 private:
  [[noreturn, gnu::cold]] static void refuse_undefined();
  void* checked_data(DType expected) const;
  Scalar item_scalar() const;

  std::shared_ptr<TensorImpl> impl_;
};

/// What x[i] gives: a view. As a temporary it takes assignments by writing elements, x[1] = y and
/// x[1][2] = 0, as in Python; once it has a name, assignment makes the name mean another tensor, as
/// for every tensor.
class [[nodiscard]] IndexedTensor : public Tensor {
 public:
  explicit IndexedTensor(Tensor view) : Tensor(std::move(view)) {}
  IndexedTensor(const IndexedTensor&) = default;
  IndexedTensor(IndexedTensor&&) noexcept = default;
  ~IndexedTensor() = default;

  Tensor& operator=(const Tensor& source) && { return copy_(source); }
  Tensor& operator=(const IndexedTensor& source) && { return copy_(source); }
  Tensor& operator=(Scalar value) && { return fill_(value); }
  Tensor& operator=(const Tensor& other) & { return Tensor::operator=(other); }
  Tensor& operator=(const IndexedTensor& other) & { return Tensor::operator=(other); }
};

/// The tensor whose methods these are: `self(*this)` in their definitions.
template <class Methods>
const Tensor& self(const Methods& methods) {
  return static_cast<const Tensor&>(methods);
}
template <class Methods>
Tensor& self(Methods& methods) {
  return static_cast<Tensor&>(methods);
}

inline IndexedTensor Tensor::operator[](int64_t index) const {
  return IndexedTensor(select(0, index));
}

std::ostream& operator<<(std::ostream& out, const Tensor& tensor);

template <SizeArgument... Sizes>
Tensor ViewMethods::view(Sizes... sizes) const {
  return view(Shape{static_cast<int64_t>(sizes)...});
}
template <SizeArgument... Sizes>
Tensor ViewMethods::reshape(Sizes... sizes) const {
  return reshape(Shape{static_cast<int64_t>(sizes)...});
}
template <SizeArgument... Sizes>
Tensor ViewMethods::permute(Sizes... dims) const {
  return permute(std::vector<int64_t>{static_cast<int64_t>(dims)...});
}
template <SizeArgument... Sizes>
Tensor ViewMethods::expand(Sizes... sizes) const {
  return expand(Shape{static_cast<int64_t>(sizes)...});
}

template <SizeArgument... Sizes>
Tensor RearrangingMethods::flip(Sizes... dims) const {
  return flip(std::vector<int64_t>{static_cast<int64_t>(dims)...});
}
template <SizeArgument... Sizes>
Tensor RearrangingMethods::repeat(Sizes... repeats) const {
  return repeat(Shape{static_cast<int64_t>(repeats)...});
}
template <SizeArgument... Sizes>
Tensor RearrangingMethods::tile(Sizes... repeats) const {
  return tile(Shape{static_cast<int64_t>(repeats)...});
}

template <class Hook>
RemovableHandle AutogradMethods::register_hook(Hook hook) const {
  if constexpr (std::is_void_v<std::invoke_result_t<Hook&, const Tensor&>>)
    return add_gradient_hook([hook = std::move(hook)](const Tensor& gradient) mutable -> Tensor {
      hook(gradient);
      return {};
    });
  else
    return add_gradient_hook(std::move(hook));
}

template <class T>
T Tensor::item() const {
  const Scalar value = item_scalar();
  if (!value.in_range<T>())
    fail("item: ", value, " does not fit into the C++ type that was asked for");
  return value.to<T>();
}

extern template std::vector<float> Tensor::to_vector() const;
extern template std::vector<double> Tensor::to_vector() const;
extern template std::vector<Half> Tensor::to_vector() const;
extern template std::vector<BFloat16> Tensor::to_vector() const;
extern template std::vector<int64_t> Tensor::to_vector() const;
extern template std::vector<int32_t> Tensor::to_vector() const;
extern template std::vector<int16_t> Tensor::to_vector() const;
extern template std::vector<int8_t> Tensor::to_vector() const;
extern template std::vector<uint8_t> Tensor::to_vector() const;
extern template std::vector<bool> Tensor::to_vector() const;

}  // namespace cuttle
