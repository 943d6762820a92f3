#include "tensor.h"

#include <cstring>

#include "allocators.h"
#include "autograd/backward.h"
#include "autograd/grad_mode.h"
#include "autograd/leaf.h"
#include "autograd/node.h"
#include "autograd/view_history.h"
#include "creation.h"
#include "cuda_stream.h"
#include "dispatch.h"
#include "stream_use.h"
#include "tensor_impl.h"
#include "warning.h"

namespace cuttle {

void TensorImpl::set_data(const TensorImpl& other) {
  storage = other.storage;
  offset = other.offset;
  shape = other.shape;
  strides = other.strides;
  numel = other.numel;
  dtype = other.dtype;
}

Tensor make_tensor(std::shared_ptr<Storage> storage, const Shape& shape, const Strides& strides,
                   int64_t offset, DType dtype) {
  auto impl = std::make_shared<TensorImpl>();
  impl->storage = std::move(storage);
  impl->offset = offset;
  impl->shape = shape;
  impl->strides = strides;
  impl->numel = shape.numel();
  impl->dtype = dtype;
  return Tensor(std::move(impl));
}

void Tensor::refuse_undefined() {
  fail("this tensor is undefined: it was default-constructed and never assigned");
}

const Shape& Tensor::shape() const {
  return impl().shape;
}
const Strides& Tensor::strides() const {
  return impl().strides;
}
int64_t Tensor::size(int64_t dim) const {
  if (shape().empty()) fail("size: a tensor without dimensions has no size along ", dim);
  return shape()[wrap_dim("size", dim, this->dim())];
}
int64_t Tensor::numel() const {
  return impl().numel;
}
DType Tensor::dtype() const {
  return impl().dtype;
}
Device Tensor::device() const {
  return impl().storage->device();
}
uint64_t Tensor::version() const {
  if (impl().storage->is_inference())
    fail(
        "version: writes to an inference tensor are not counted; clone() it outside of "
        "InferenceMode for one whose are");
  return impl().storage->version();
}
bool Tensor::is_contiguous(MemoryFormat format) const {
  return is_dense(shape(), strides(), format);
}

void* Tensor::raw_data() const {
  const TensorImpl& t = impl();
  if (t.storage->device().is_cuda()) note_use(t.storage);
  const size_t skipped = static_cast<size_t>(t.offset) * element_size(t.dtype);
  char* const start = static_cast<char*>(t.storage->data());
  return start == nullptr ? nullptr : start + skipped;
}

void Tensor::record_stream(const cuda::Stream& stream) const {
  if (stream.device() != device())
    fail("record_stream: the tensor is on ", device(), ", the stream one of ", stream.device());
  impl().storage->note_use(stream.native().handle);
}

void* Tensor::checked_data(DType expected) const {
  if (dtype() != expected)
    fail("data<", dtype_name(expected), ">: the tensor is ", dtype(), "; convert it with .to(",
         dtype_name(expected), ")");
  return raw_data();
}

template <ElementType T>
std::vector<T> Tensor::to_vector() const {
  refuse_while_capturing(device(), "to_vector", kReadAfterReplay);
  const NoGradGuard no_grad;
  const Tensor host = detach().to(Device(), dtype_of<T>).contiguous();
  const T* const first = host.data<T>();
  return std::vector<T>(first, first + host.numel());
}

template std::vector<float> Tensor::to_vector() const;
template std::vector<double> Tensor::to_vector() const;
template std::vector<Half> Tensor::to_vector() const;
template std::vector<BFloat16> Tensor::to_vector() const;
template std::vector<int64_t> Tensor::to_vector() const;
template std::vector<int32_t> Tensor::to_vector() const;
template std::vector<int16_t> Tensor::to_vector() const;
template std::vector<int8_t> Tensor::to_vector() const;
template std::vector<uint8_t> Tensor::to_vector() const;
template std::vector<bool> Tensor::to_vector() const;

Scalar Tensor::item_scalar() const {
  refuse_while_capturing(check_defined("item", *this).device(), "item", kReadAfterReplay);
  if (numel() != 1) fail("item: only a tensor of one element has one value, got shape ", shape());
  if (is_floating_point(dtype())) return to_vector<double>().front();
  return to_vector<int64_t>().front();
}

bool Tensor::requires_grad() const {
  refresh_view(impl());
  return impl().requires_grad;
}

Tensor& Tensor::requires_grad_(bool requires_grad) {
  TensorImpl& t = check_defined("requires_grad_", *this).impl();
  if (requires_grad && !is_floating_point(t.dtype))
    fail("requires_grad_: only floating-point tensors have gradients, this one is ", t.dtype);
  if (requires_grad && t.storage->is_inference() && !is_inference_mode_enabled())
    fail(
        "requires_grad_: an inference tensor cannot require a gradient outside of InferenceMode; "
        "clone() it first");
  if (!requires_grad && t.node)
    fail("requires_grad_: the result of '", t.node->op(),
         "' cannot stop requiring a gradient; use detach()");
  t.requires_grad = requires_grad;
  return *this;
}

bool Tensor::is_leaf() const {
  refresh_view(impl());
  return impl().node == nullptr;
}
Tensor Tensor::grad() const {
  const TensorImpl& t = impl();
  Tensor gradient = stored_gradient(t);
  if (!gradient.defined() && t.node && !t.retains_grad)
    warn(
        "grad(): the result of an operation does not keep its gradient; call retain_grad() on it "
        "before backward(), or use register_hook() or grad(output, {result})");
  return gradient;
}

void Tensor::set_grad(const Tensor& gradient) {
  if (gradient.defined() &&
      (gradient.shape() != shape() || gradient.dtype() != dtype() || gradient.device() != device()))
    fail("set_grad: the gradient (shape ", gradient.shape(), ", ", gradient.dtype(), ", ",
         gradient.device(), ") must be like the tensor (shape ", shape(), ", ", dtype(), ", ",
         device(), ")");
  store_gradient(impl(), gradient);
}

std::string Tensor::grad_fn() const {
  refresh_view(impl());
  return impl().node ? std::string(impl().node->op()) : std::string();
}

void Tensor::backward(const Tensor& gradient, bool retain_graph, bool create_graph) const {
  cuttle::backward(check_defined("backward", *this), gradient,
                   {.retain_graph = retain_graph, .create_graph = create_graph});
}

Tensor Tensor::detach() const {
  const TensorImpl& t = check_defined("detach", *this).impl();
  return make_tensor(t.storage, t.shape, t.strides, t.offset, t.dtype);
}

}  // namespace cuttle
