// cuDNN and cuBLAS as a program of this build would load them, and the nvcc that the next build
// would take.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <vector>

#include "probe.h"
#include "shared_library.h"

namespace cuttle::doctor {

namespace {

namespace fs = std::filesystem;

/// Where build.sh and CMake look for nvcc; empty: nowhere there.
std::string find_nvcc() {
  std::vector<fs::path> folders;
  for (const char* name : {"CUDA_HOME", "CUDA_PATH"})
    if (const char* value = std::getenv(name)) folders.push_back(fs::path(value) / "bin");
  if (const char* path = std::getenv("PATH")) {
    std::istringstream entries(path);
    for (std::string entry; std::getline(entries, entry, ':');) folders.emplace_back(entry);
  }
  folders.emplace_back("/usr/local/cuda/bin");
  std::error_code absent;
  for (const fs::path& folder : folders)
    if (fs::is_regular_file(folder / "nvcc", absent)) return (folder / "nvcc").string();
  return {};
}

/// What nvcc --version says behind "release".
Version nvcc_version(const std::string& nvcc) {
  std::string quoted;  // for the shell
  for (const char c : nvcc) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  const std::string command = "'" + quoted + "' --version 2>/dev/null";
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  std::string output;
  std::array<char, 512> piece{};
  while (const size_t got = std::fread(piece.data(), 1, piece.size(), pipe))
    output.append(piece.data(), got);
  ::pclose(pipe);
  const size_t release = output.find("release");
  return release == std::string::npos ? Version{} : parse_version(output.substr(release));
}

/// 90501 is 9.5.1, and 8907 was 8.9.7.
Version cudnn_number(size_t number) {
  const int n = static_cast<int>(number);
  if (n >= 90000) return {n / 10000, n % 10000 / 100, n % 100};
  return {n / 1000, n % 1000 / 100, n % 100};
}

}  // namespace

void probe_cudnn(const std::string& library, Facts& facts) {
  const SharedLibrary cudnn(library);
  facts.cudnn = cudnn.library();
  facts.cudnn.version = cudnn_number(cudnn.call(size_t{0}, "cudnnGetVersion"));
  const int runtime = static_cast<int>(cudnn.call(size_t{0}, "cudnnGetCudartVersion"));
  facts.cudnn_runtime = {runtime / 1000, runtime % 1000 / 10};
}

void probe_cublas(const std::string& library, Facts& facts) {
  const SharedLibrary cublas(library);
  facts.cublas = cublas.library();
  Version& version = facts.cublas.version;
  cublas.call(1, "cublasGetProperty", 0,
              &version.first);  // libraryPropertyType: major, minor, patch
  cublas.call(1, "cublasGetProperty", 1, &version.second);
  cublas.call(1, "cublasGetProperty", 2, &version.third);
}

void probe_toolkit(Facts& facts) {
  facts.nvcc = find_nvcc();
  if (!facts.nvcc.empty()) facts.nvcc_version = nvcc_version(facts.nvcc);
}

}  // namespace cuttle::doctor
