// Max pooling by cuDNN, behind the signatures of kernels/max_pool2d.h; max_pool2d.cu chooses it.
// cuDNN keeps no index: its backward reads the forward's x and y again. Of equal elements in a
// window it may pick another one than the first.
#include "check.h"
#include "cudnn_handle.h"
#include "vendor.h"

namespace cuttle::kernels::cuda {

namespace {

struct Descriptors {
  PoolingDescriptor pooling;
  TensorDescriptor x, y;
};

Descriptors describe(cudnnDataType_t type, const MaxPool2dShape& s) {
  Descriptors d;
  check_cudnn(cudnnCreatePoolingDescriptor(d.pooling.out()), "cudnnCreatePoolingDescriptor");
  check_cudnn(cudnnSetPooling2dDescriptor(
                  d.pooling.get(), CUDNN_POOLING_MAX_DETERMINISTIC, CUDNN_PROPAGATE_NAN,
                  static_cast<int>(s.kh), static_cast<int>(s.kw), static_cast<int>(s.padding_h),
                  static_cast<int>(s.padding_w), static_cast<int>(s.stride_h),
                  static_cast<int>(s.stride_w)),
              "cudnnSetPooling2dDescriptor");
  d.x = nhwc_tensor(type, s.n, s.h, s.w, s.c);
  d.y = nhwc_tensor(type, s.n, s.oh, s.ow, s.c);
  return d;
}

}  // namespace

bool max_pool2d_cudnn_supports(const MaxPool2dShape& s) {
  constexpr int64_t kMost = 0x7fffffff;
  const bool not_empty = s.n > 0 && s.c > 0 && s.oh > 0 && s.ow > 0;
  const bool small = not_empty && s.n <= kMost / s.c / s.h / s.w;
  // Windows that ceil_mode lets hang over the edge are none of cuDNN's.
  const bool floor_h = (s.h + 2 * s.padding_h - s.kh) / s.stride_h + 1 == s.oh;
  const bool floor_w = (s.w + 2 * s.padding_w - s.kw) / s.stride_w + 1 == s.ow;
  return small && s.dilation_h == 1 && s.dilation_w == 1 && floor_h && floor_w;
}

template <class T>
void max_pool2d_forward_cudnn(Stream stream, const MaxPool2dShape& s, const T* x, T* y) {
  const T one = 1, zero = 0;
  const Descriptors d = describe(kCudnnType<T>, s);
  StreamLease lease(stream);
  const DeviceGuard guard(stream.device);
  check_cudnn(cudnnPoolingForward(cudnn_handle(lease, stream), d.pooling.get(), &one, d.x.get(), x,
                                  &zero, d.y.get(), y),
              "max_pool2d");
}

template <class T>
void max_pool2d_backward_cudnn(Stream stream, const MaxPool2dShape& s, const T* x, const T* y,
                               const T* dy, T* dx) {
  const T one = 1, zero = 0;
  const Descriptors d = describe(kCudnnType<T>, s);
  StreamLease lease(stream);
  const DeviceGuard guard(stream.device);
  check_cudnn(cudnnPoolingBackward(cudnn_handle(lease, stream), d.pooling.get(), &one, d.y.get(), y,
                                   d.y.get(), dy, d.x.get(), x, &zero, d.x.get(), dx),
              "max_pool2d's backward");
}

#define CUTTLE_MAX_POOL2D_CUDNN(T)                                                           \
  template void max_pool2d_forward_cudnn(Stream, const MaxPool2dShape&, const T*, T*);       \
  template void max_pool2d_backward_cudnn(Stream, const MaxPool2dShape&, const T*, const T*, \
                                          const T*, T*);
CUTTLE_MAX_POOL2D_CUDNN(float)
CUTTLE_MAX_POOL2D_CUDNN(double)

}  // namespace cuttle::kernels::cuda
