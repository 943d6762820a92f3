// One descriptor of cuDNN's graph API: made, filled attribute by attribute, finalized, owned.
#pragma once

#include <cudnn.h>

#include <cstdint>
#include <span>
#include <vector>

#include "../owned.h"

namespace cuttle::kernels::cuda {

/// How cuDNN calls a type in its attributes.
template <class T>
inline constexpr cudnnBackendAttributeType_t kAttributeType;
template <>
inline constexpr auto kAttributeType<cudnnHandle_t> = CUDNN_TYPE_HANDLE;
template <>
inline constexpr auto kAttributeType<cudnnDataType_t> = CUDNN_TYPE_DATA_TYPE;
template <>
inline constexpr auto kAttributeType<cudnnConvolutionMode_t> = CUDNN_TYPE_CONVOLUTION_MODE;
template <>
inline constexpr auto kAttributeType<cudnnPointwiseMode_t> = CUDNN_TYPE_POINTWISE_MODE;
template <>
inline constexpr auto kAttributeType<cudnnBackendHeurMode_t> = CUDNN_TYPE_HEUR_MODE;
template <>
inline constexpr auto kAttributeType<cudnnBackendNumericalNote_t> = CUDNN_TYPE_NUMERICAL_NOTE;
template <>
inline constexpr auto kAttributeType<cudnnBackendBehaviorNote_t> = CUDNN_TYPE_BEHAVIOR_NOTE;
template <>
inline constexpr auto kAttributeType<cudnnBackendKnobType_t> = CUDNN_TYPE_KNOB_TYPE;
template <>
inline constexpr auto kAttributeType<bool> = CUDNN_TYPE_BOOLEAN;
template <>
inline constexpr auto kAttributeType<char> = CUDNN_TYPE_CHAR;
template <>
inline constexpr auto kAttributeType<int64_t> = CUDNN_TYPE_INT64;
template <>
inline constexpr auto kAttributeType<float> = CUDNN_TYPE_FLOAT;
template <>
inline constexpr auto kAttributeType<double> = CUDNN_TYPE_DOUBLE;
template <>
inline constexpr auto kAttributeType<void*> = CUDNN_TYPE_VOID_PTR;

/// The graph API describes everything, from a tensor to an execution plan, by descriptors of this
/// one kind. Functions throw Error with cuDNN's words unless they say otherwise. Move-only.
class CudnnDescriptor {
 public:
  explicit CudnnDescriptor(cudnnBackendDescriptorType_t type);

  template <class T>
  CudnnDescriptor& set(cudnnBackendAttributeName_t name, const T& value) {
    return set_raw(name, kAttributeType<T>, 1, &value);
  }
  template <class T>
  CudnnDescriptor& set_all(cudnnBackendAttributeName_t name, std::span<const T> values) {
    return set_raw(name, kAttributeType<T>, static_cast<int64_t>(values.size()), values.data());
  }
  CudnnDescriptor& set(cudnnBackendAttributeName_t name, const CudnnDescriptor& value);
  CudnnDescriptor& set_all(cudnnBackendAttributeName_t name,
                           std::span<const CudnnDescriptor> values);

  CudnnDescriptor& finalize();
  /// False where cuDNN refuses, as it does what it has no engine for.
  bool try_finalize();

  template <class T>
  T get(cudnnBackendAttributeName_t name) const {
    T value = {};
    get_raw(name, kAttributeType<T>, 1, &value);
    return value;
  }
  /// What the attribute holds, at most `most` of it.
  template <class T>
  std::vector<T> get_all(cudnnBackendAttributeName_t name, int64_t most) const {
    std::vector<T> values(static_cast<size_t>(most));
    values.resize(static_cast<size_t>(get_raw(name, kAttributeType<T>, most, values.data())));
    return values;
  }
  /// The same for descriptors, which are of `type`.
  std::vector<CudnnDescriptor> get_descriptors(cudnnBackendAttributeName_t name,
                                               cudnnBackendDescriptorType_t type,
                                               int64_t most) const;

  cudnnBackendDescriptor_t handle() const { return owned_.get(); }

 private:
  CudnnDescriptor& set_raw(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                           int64_t count, const void* values);
  /// How many there are.
  int64_t get_raw(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t most,
                  void* values) const;

  Owned<cudnnBackendDescriptor_t, cudnnBackendDestroyDescriptor> owned_;
};

}  // namespace cuttle::kernels::cuda
