// The CUDA driver, asked by its own C functions (CUDA Driver API), and what the kernel tells of
// GPUs. No CUDA header is needed, so that a build without CUDA can ask as well.
#include <fstream>
#include <iterator>

#include "probe.h"
#include "shared_library.h"

namespace cuttle::doctor {

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 …"
Version module_version(const fs::path& root) {
  const std::string text = text_of(root / "proc/driver/nvidia/version");
  const size_t name = text.find("Kernel Module");
  return name == std::string::npos ? Version{} : parse_version(text.substr(name));
}

/// Display and compute devices of NVIDIA on the PCI bus, or, where that is hidden, those that its
/// module lists.
int present_gpus(const fs::path& root) {
  std::error_code absent;
  int on_bus = 0, listed = 0;
  for (const auto& device : fs::directory_iterator(root / "sys/bus/pci/devices", absent))
    on_bus += text_of(device.path() / "vendor").starts_with("0x10de") &&
              text_of(device.path() / "class").starts_with("0x03");
  for (const auto& device : fs::directory_iterator(root / "proc/driver/nvidia/gpus", absent))
    listed += !device.path().empty();
  return std::max(on_bus, listed);
}

/// A number of the driver's, in its words: "no CUDA-capable device is detected".
std::string words(const SharedLibrary& driver, int status) {
  const char* text = nullptr;
  driver.call(1, "cuGetErrorString", status, &text);
  return text == nullptr ? "error " + std::to_string(status) : text;
}

int attribute(const SharedLibrary& driver, int which, int device) {
  int value = 0;
  driver.call(1, "cuDeviceGetAttribute", &value, which, device);
  return value;
}

Gpu gpu(const SharedLibrary& driver, int device) {
  constexpr int kComputeMode = 20, kMajor = 75, kMinor = 76;  // CUdevice_attribute
  char name[256] = {};
  Gpu gpu;
  driver.call(1, "cuDeviceGetName", +name, static_cast<int>(sizeof name) - 1, device);
  gpu.name = name;
  gpu.capability = 10 * attribute(driver, kMajor, device) + attribute(driver, kMinor, device);
  gpu.compute_mode = attribute(driver, kComputeMode, device);
  driver.call(1, "cuDeviceTotalMem_v2", &gpu.memory, device);
  // A context, as a program's first call makes one; what is free can be asked in one alone.
  void* context = nullptr;
  size_t total = 0;
  int status = driver.call(1, "cuDevicePrimaryCtxRetain", &context, device);
  if (status == 0) {
    status = driver.call(1, "cuCtxSetCurrent", context);
    if (status == 0) status = driver.call(1, "cuMemGetInfo_v2", &gpu.free_memory, &total);
    driver.call(1, "cuCtxSetCurrent", static_cast<void*>(nullptr));
    driver.call(1, "cuDevicePrimaryCtxRelease_v2", device);
  }
  if (status != 0) gpu.error = words(driver, status);
  return gpu;
}

}  // namespace

Driver probe_driver(const std::string& library, const fs::path& root) {
  const SharedLibrary driver(library);
  Driver found{
      .library = driver.library(), .module = module_version(root), .present = present_gpus(root)};
  if (!found.library.found()) return found;
  found.library.version = parse_version(fs::path(found.library.path).filename().string());
  int cuda = 0, devices = 0;
  driver.call(1, "cuDriverGetVersion", &cuda);
  found.cuda = {cuda / 1000, cuda % 1000 / 10};
  found.status = driver.call(1, "cuInit", 0u);
  if (found.status == 0) found.status = driver.call(1, "cuDeviceGetCount", &devices);
  if (found.status != 0) found.words = words(driver, found.status);
  for (int index = 0; found.status == 0 && index < devices; ++index) {
    int device = 0;
    if (driver.call(1, "cuDeviceGet", &device, index) == 0)
      found.gpus.push_back(gpu(driver, device));
  }
  found.present = std::max(found.present, static_cast<int>(found.gpus.size()));
  return found;
}

}  // namespace cuttle::doctor
