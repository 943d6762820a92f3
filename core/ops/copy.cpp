// Copies: between devices, dtypes and layouts; and writing into existing memory.
#include "../../kernels/copy.h"

#include <cstring>

#include "../../kernels/fill.h"
#include "../allocators.h"
#include "../autograd/grad_mode.h"
#include "../autograd/record.h"
#include "../creation.h"
#include "../dispatch.h"
#include "../strided_loop.h"
#include "../tensor_impl.h"

namespace cuttle {
namespace {

// out = x, on one device, any strides, any dtypes, out's shape.
void copy_elements(const Tensor& x, const Tensor& out) {
  const auto loop = make_loop(out.shape(), {x.strides(), out.strides()});
  dispatch_all(x.dtype(), [&]<class In>() {
    dispatch_all(out.dtype(), [&]<class Out>() {
      on_device(out.device(),
                [&](auto stream) { kernels::copy(stream, loop, x.data<In>(), out.data<Out>()); });
    });
  });
}

// out = x, on another device, of the same dtype and the same layout, dense in some order.
void copy_bytes(const Tensor& x, const Tensor& out) {
  const size_t bytes = bytes_of(x.shape(), x.dtype());
  const Device from = x.device(), to = out.device();
  if (bytes == 0) return;
  if (from.is_cpu() && to.is_cuda())
    copy_to_device(out.raw_data(), to, x.raw_data(), bytes);
  else if (from.is_cuda() && to.is_cpu())
    copy_to_host(out.raw_data(), x.raw_data(), from, bytes);
  else
    copy_on_device(out.raw_data(), to, x.raw_data(), from, bytes);
}

Tensor to_device(const Tensor& x, const Device& device) {
  const bool dense = is_dense_in_some_order(x.shape(), x.strides());
  const Tensor whole = dense ? x : x.contiguous();
  Tensor out = empty_strided(whole.shape(), whole.strides(), whole.dtype(), device);
  copy_bytes(whole, out);
  return out;
}

// True if the bytes of one are the bytes of the other.
bool is_laid_out_alike(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() && a.strides() == b.strides() &&
         is_dense_in_some_order(a.shape(), a.strides());
}

}  // namespace

Tensor Tensor::to(const Device& device) const {
  return to(device, check_defined("to", *this).dtype());
}
Tensor Tensor::to(DType dtype) const {
  return to(check_defined("to", *this).device(), dtype);
}

Tensor Tensor::to(const Device& device, DType dtype) const {
  const Device old_device = check_defined("to", *this).device();
  const DType old_dtype = this->dtype();
  if (device == old_device && dtype == old_dtype) return *this;
  Tensor out;
  {
    const NoGradGuard no_grad;
    Tensor x = detach();
    // Converted where it is smaller to move: before going, if that makes it narrower.
    const bool convert_first = element_size(dtype) < element_size(old_dtype);
    const auto convert = [&] {
      if (dtype == old_dtype) return;
      const bool dense = is_dense_in_some_order(x.shape(), x.strides());
      Tensor converted = empty_strided(x.shape(), dense ? x.strides() : dense_strides(x.shape()),
                                       dtype, x.device());
      copy_elements(x, converted);
      x = converted;
    };
    if (convert_first) convert();
    if (device != old_device) x = to_device(x, device);
    if (!convert_first) convert();
    out = x;
  }
  if (!is_floating_point(dtype)) return out;
  return record(
      "to", out, {*this},
      [=](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {gradient.to(old_device, old_dtype)};
      },
      Saves::nothing);
}

Tensor Tensor::contiguous(MemoryFormat format) const {
  if (check_defined("contiguous", *this).is_contiguous(format)) return *this;
  Tensor out = empty(shape(), {.dtype = dtype(), .device = device()}, format);
  copy_elements(*this, out);
  return record(
      "contiguous", out, {*this},
      [](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> { return {gradient}; },
      Saves::nothing);
}

Tensor Tensor::clone() const {
  Tensor out = empty_like(check_defined("clone", *this));
  copy_elements(*this, out);
  return record(
      "clone", out, {*this},
      [](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> { return {gradient}; },
      Saves::nothing);
}

Tensor& Tensor::copy_(const Tensor& source) {
  check_defined("copy_", *this);
  check_defined("copy_", source);
  if (broadcast_shapes("copy_", shape(), source.shape()) != shape())
    fail("copy_: shape ", source.shape(), " does not broadcast to ", shape());
  check_in_place("copy_", *this, {source});
  const Shape source_shape = source.shape();
  const Device source_device = source.device();
  const DType source_dtype = source.dtype();
  {
    const NoGradGuard no_grad;
    Tensor x = source.detach();
    const bool from_elsewhere = x.device() != device();
    if (from_elsewhere && is_laid_out_alike(x, *this)) {
      copy_bytes(x, *this);
    } else {
      if (from_elsewhere) x = to_device(x, device());
      if (x.impl().storage == impl().storage) x = x.clone();  // the two may overlap
      copy_elements(x.expand(shape()), *this);
    }
  }
  // An integer copy has no gradient.
  const Tensor origin = is_floating_point(dtype()) ? source : source.detach();
  record_in_place(
      "copy_", *this, {origin},
      [=](const Tensor& gradient, const NeededInputs&) -> std::vector<Tensor> {
        return {sum_to(gradient, source_shape).to(source_device, source_dtype)};
      },
      Saves::nothing);
  return *this;
}

Tensor& Tensor::fill_(Scalar value) {
  check_defined("fill_", *this);
  check_in_place("fill_", *this, {});
  const auto loop = make_loop(shape(), {strides()});
  dispatch_all(dtype(), [&]<class T>() {
    if (!value.fits<T>()) fail("fill_: ", dtype(), " cannot hold the value ", value);
    on_device(device(),
              [&](auto stream) { kernels::fill(stream, loop, value.to<T>(), data<T>()); });
  });
  record_in_place(
      "fill_", *this, {},
      [](const Tensor&, const NeededInputs&) -> std::vector<Tensor> { return {}; }, Saves::nothing);
  return *this;
}

}  // namespace cuttle
