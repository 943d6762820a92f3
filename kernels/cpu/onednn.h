// oneDNN as the CPU kernels use it: one engine, a stream a thread, and the places where versions 2
// and 3 of its interface differ. For kernels/cpu alone.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <string_view>

#include "parallel.h"

namespace cuttle::kernels::cpu {

inline const dnnl::engine& onednn_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

inline dnnl::stream& onednn_stream() {
  thread_local dnnl::stream stream(onednn_engine());
  return stream;
}

/// While it lives, oneDNN plans and runs for the threads it will really get: within a parallel
/// region that is one, but oneDNN would count the team's and leave their shares undone. `alone`:
/// one in any case, for what oneDNN would add up in an order that depends on how many there are.
class OnednnThreads {
 public:
  explicit OnednnThreads(bool alone = false)
      : before_(omp_get_max_threads()), changes_(alone || omp_in_parallel()) {
    if (changes_) omp_set_num_threads(1);
  }
  ~OnednnThreads() {
    if (changes_) omp_set_num_threads(before_);
  }
  OnednnThreads(const OnednnThreads&) = delete;
  OnednnThreads& operator=(const OnednnThreads&) = delete;

 private:
  int before_;
  bool changes_;
};

/// Scratch memory is the caller's, so that primitives hold none and steps allocate none.
inline dnnl::primitive_attr onednn_attributes() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

/// Throws what oneDNN reported as an Error that names the operation.
[[noreturn]] inline void fail_onednn(std::string_view operation, const dnnl::error& error) {
  if (error.status == dnnl_out_of_memory)
    throw OutOfMemoryError(std::string(operation) + ": oneDNN ran out of memory");
  fail(operation, ": oneDNN reported \"", error.message, "\" (status ",
       static_cast<int>(error.status), ")");
}

/// What describes a convolution to oneDNN, in either version.
struct OnednnConvolution {
  dnnl::memory::desc x, weight, bias, y;  // bias may be empty
  dnnl::memory::dims strides, dilations, padding_front, padding_back;
};

inline dnnl::convolution_forward::primitive_desc describe_forward(const OnednnConvolution& c,
                                                                  dnnl::prop_kind kind) {
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const dnnl::primitive_attr attributes = onednn_attributes();
#if DNNL_VERSION_MAJOR >= 3
  return {onednn_engine(), kind,      algorithm, c.x,         c.weight,
          c.bias,          c.y,       c.strides, c.dilations, c.padding_front,
          c.padding_back,  attributes};
#else
  return {dnnl::convolution_forward::desc(kind, algorithm, c.x, c.weight, c.bias, c.y, c.strides,
                                          c.dilations, c.padding_front, c.padding_back),
          attributes, onednn_engine()};
#endif
}

inline dnnl::convolution_backward_data::primitive_desc describe_backward_data(
    const OnednnConvolution& c, const dnnl::convolution_forward::primitive_desc& forward) {
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const dnnl::primitive_attr attributes = onednn_attributes();
#if DNNL_VERSION_MAJOR >= 3
  return {onednn_engine(), algorithm,      c.x,     c.weight,  c.y, c.strides, c.dilations,
          c.padding_front, c.padding_back, forward, attributes};
#else
  return {dnnl::convolution_backward_data::desc(algorithm, c.x, c.weight, c.y, c.strides,
                                                c.dilations, c.padding_front, c.padding_back),
          attributes, onednn_engine(), forward};
#endif
}

inline dnnl::convolution_backward_weights::primitive_desc describe_backward_weights(
    const OnednnConvolution& c, const dnnl::convolution_forward::primitive_desc& forward) {
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const dnnl::primitive_attr attributes = onednn_attributes();
#if DNNL_VERSION_MAJOR >= 3
  return {onednn_engine(), algorithm,      c.x,     c.weight,  c.bias, c.y, c.strides, c.dilations,
          c.padding_front, c.padding_back, forward, attributes};
#else
  return {dnnl::convolution_backward_weights::desc(algorithm, c.x, c.weight, c.bias, c.y, c.strides,
                                                   c.dilations, c.padding_front, c.padding_back),
          attributes, onednn_engine(), forward};
#endif
}

/// C = A · B + bias, or C += that; `bias` (1, n) may be empty.
inline dnnl::matmul::primitive_desc describe_matmul(const dnnl::memory::desc& a,
                                                    const dnnl::memory::desc& b,
                                                    const dnnl::memory::desc& bias,
                                                    const dnnl::memory::desc& c, bool accumulate) {
  dnnl::primitive_attr attributes = onednn_attributes();
  if (accumulate) {
    dnnl::post_ops behind;
    behind.append_sum(1.f);
    attributes.set_post_ops(behind);
  }
#if DNNL_VERSION_MAJOR >= 3
  return {onednn_engine(), a, b, bias, c, attributes};
#else
  return {dnnl::matmul::desc(a, b, bias, c), attributes, onednn_engine()};
#endif
}

}  // namespace cuttle::kernels::cpu
