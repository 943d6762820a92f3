// A library with the functions of NVIDIA's driver, cuDNN, cuBLAS and oneDNN that the doctor calls,
// which answers by environment variables: FAKE_INIT (cuInit's status), FAKE_CUDA, FAKE_GPUS,
// FAKE_CONTEXT (the status of a context), FAKE_CUDNN, FAKE_CUDNN_RUNTIME, FAKE_CUBLAS.
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace {

int answer(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

struct OnednnVersion {
  int major, minor, patch;
};

}  // namespace

extern "C" {

int cuInit(unsigned) {
  return answer("FAKE_INIT", 0);
}
int cuDriverGetVersion(int* version) {
  *version = answer("FAKE_CUDA", 12040);
  return 0;
}
int cuDeviceGetCount(int* count) {
  *count = answer("FAKE_GPUS", 1);
  return 0;
}
int cuDeviceGet(int* device, int index) {
  *device = index + 100;
  return 0;
}
int cuDeviceGetName(char* name, int length, int device) {
  std::snprintf(name, static_cast<size_t>(length), "Fake T%d", device);
  return 0;
}
int cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = size_t{16} << 30;
  return 0;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
  *value = attribute == 75 ? 7 : attribute == 76 ? 5 : attribute == 20 ? 3 : -1;
  return 0;
}
int cuDevicePrimaryCtxRetain(void** context, int) {
  *context = nullptr;
  return answer("FAKE_CONTEXT", 0);
}
int cuCtxSetCurrent(void*) {
  return 0;
}
int cuMemGetInfo_v2(size_t* available, size_t* total) {
  *available = size_t{15} << 30;
  *total = size_t{16} << 30;
  return 0;
}
int cuDevicePrimaryCtxRelease_v2(int) {
  return 0;
}
int cuGetErrorString(int status, const char** text) {
  *text = status == 46 ? "device busy or unavailable" : "some error";
  return 0;
}

size_t cudnnGetVersion() {
  return static_cast<size_t>(answer("FAKE_CUDNN", 90501));
}
size_t cudnnGetCudartVersion() {
  return static_cast<size_t>(answer("FAKE_CUDNN_RUNTIME", 12060));
}
int cublasGetProperty(int which, int* value) {
  const int version = answer("FAKE_CUBLAS", 120405);
  *value = which == 0 ? version / 10000 : which == 1 ? version / 100 % 100 : version % 100;
  return 0;
}

const OnednnVersion* dnnl_version() {
  static const OnednnVersion version{3, 4, 2};
  return &version;
}
unsigned dnnl_get_effective_cpu_isa() {
  return 0x27;
}

}  // extern "C"
