// The attribute calls behind CudnnDescriptor.
#include "cudnn_descriptor.h"

#include <string>

#include "cudnn_handle.h"

namespace cuttle::kernels::cuda {

CudnnDescriptor::CudnnDescriptor(cudnnBackendDescriptorType_t type) {
  check_cudnn(cudnnBackendCreateDescriptor(type, owned_.out()), "cudnnBackendCreateDescriptor");
}

CudnnDescriptor& CudnnDescriptor::set_raw(cudnnBackendAttributeName_t name,
                                          cudnnBackendAttributeType_t type, int64_t count,
                                          const void* values) {
  const cudnnStatus_t status = cudnnBackendSetAttribute(handle(), name, type, count, values);
  if (status != CUDNN_STATUS_SUCCESS)
    check_cudnn(status, "cudnnBackendSetAttribute " + std::to_string(name));
  return *this;
}

int64_t CudnnDescriptor::get_raw(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                                 int64_t most, void* values) const {
  int64_t count = 0;
  const cudnnStatus_t status = cudnnBackendGetAttribute(handle(), name, type, most, &count, values);
  if (status != CUDNN_STATUS_SUCCESS)
    check_cudnn(status, "cudnnBackendGetAttribute " + std::to_string(name));
  return count;
}

CudnnDescriptor& CudnnDescriptor::set(cudnnBackendAttributeName_t name,
                                      const CudnnDescriptor& value) {
  const cudnnBackendDescriptor_t descriptor = value.handle();
  return set_raw(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &descriptor);
}
CudnnDescriptor& CudnnDescriptor::set_all(cudnnBackendAttributeName_t name,
                                          std::span<const CudnnDescriptor> values) {
  std::vector<cudnnBackendDescriptor_t> descriptors;
  for (const CudnnDescriptor& value : values) descriptors.push_back(value.handle());
  return set_raw(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, static_cast<int64_t>(descriptors.size()),
                 descriptors.data());
}

CudnnDescriptor& CudnnDescriptor::finalize() {
  check_cudnn(cudnnBackendFinalize(handle()), "cudnnBackendFinalize");
  return *this;
}
bool CudnnDescriptor::try_finalize() {
  return cudnnBackendFinalize(handle()) == CUDNN_STATUS_SUCCESS;
}

std::vector<CudnnDescriptor> CudnnDescriptor::get_descriptors(cudnnBackendAttributeName_t name,
                                                              cudnnBackendDescriptorType_t type,
                                                              int64_t most) const {
  // cuDNN fills descriptors that exist; asked first how many there are, it says 0 for some.
  std::vector<CudnnDescriptor> found;
  std::vector<cudnnBackendDescriptor_t> handles;
  for (int64_t i = 0; i < most; ++i) handles.push_back(found.emplace_back(type).handle());
  const int64_t count = get_raw(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, most, handles.data());
  while (static_cast<int64_t>(found.size()) > count) found.pop_back();
  return found;
}

}  // namespace cuttle::kernels::cuda
