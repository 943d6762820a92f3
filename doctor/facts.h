// What `cuttle doctor` knows of a build and a machine: plain values, which probe.h fills in,
// judge.h judges, and tests make up.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cuttle::doctor {

/// "12.4" or "9.5.1". Without a value: not known.
struct Version {
  int first = 0, second = 0, third = 0;

  auto operator<=>(const Version&) const = default;
  explicit operator bool() const { return *this != Version{}; }
  /// Its first two numbers.
  Version release() const { return {first, second}; }
  /// "12.4", "9.5.1"; "unknown" without a value.
  std::string str() const;
};

/// The first version number in `text` ("release 12.4, V12.4.131": 12.4).
Version parse_version(const std::string& text);

/// A shared library, as the loader finds it for a program that links Cuttle.
struct Library {
  std::string name = {};   // what the loader was asked for: "libcudnn.so.9"
  std::string path = {};   // where it lies; empty: not found
  std::string error = {};  // the loader's own words, where it did not load
  Version version = {};    // what it says of itself

  bool found() const { return !path.empty(); }
};

/// What the compiler made kernels for: an entry of CMAKE_CUDA_ARCHITECTURES.
struct Architecture {
  int capability = 0;          // 90 for compute capability 9.0
  bool machine_code = true;    // for GPUs of this major version, from this minor version on
  bool ptx = true;             // for this GPU and all later ones, compiled when the program starts
  bool this_one_only = false;  // "90a": for GPUs of exactly this capability
};

/// The entries of "75-real;80;90a", those that are no number ("native") left out.
std::vector<Architecture> parse_architectures(const std::string& list);

/// What this program was configured with (build.cpp.in).
struct Build {
  std::string version = {};    // of Cuttle
  std::string backend = {};    // cuda, simt or off
  std::string requested = {};  // CUTTLE_GPU: auto, cuda, simt or off
  std::string reason = {};     // why `auto` came to this backend, in CMake's words
  std::string architecture_list = {};
  std::string compiler = {};
  Version runtime = {};  // the CUDA runtime that is linked in, 12.4
  Version cudnn = {};    // whose headers were compiled
};

/// A GPU that the driver lets a program use.
struct Gpu {
  std::string name = {};
  int capability = 0;                  // 90 for compute capability 9.0
  size_t memory = 0, free_memory = 0;  // bytes
  int compute_mode = 0;                // 0: shared, 2: prohibited, 3: one process at a time
  std::string error = {};              // the driver's words, where a program cannot begin on it
};

struct Driver {
  Library library = {};        // libcuda.so.1; its version is that of its file name, 550.54.14
  Version cuda = {};           // the newest CUDA it runs
  Version module = {};         // what is loaded in the kernel
  int present = 0;             // NVIDIA's GPUs in the machine, whether or not they can be used
  int status = 0;              // what cuInit gave; 0: success
  std::string words = {};      // the same in the driver's words
  std::vector<Gpu> gpus = {};  // what a program sees
};

struct Host {
  std::string processor = {};
  int processors = 0;  // in the machine
  int allowed = 0;     // that this process may run on
  double quota = 0;    // processors' worth of time that the cgroup grants; 0: no limit
  int threads = 0;     // that OpenMP starts
  size_t memory = 0, free_memory = 0;  // bytes, the cgroup's limit observed
  Library onednn = {};
  unsigned onednn_isa = 0;  // dnnl_cpu_isa_t; 0: not known
};

/// What the shell that started the program has set; unset: no value.
struct Environment {
  std::optional<std::string> visible_devices = {};  // CUDA_VISIBLE_DEVICES
  std::optional<std::string> omp_num_threads = {};
};

struct Facts {
  Build build = {};
  Driver driver = {};
  std::string nvcc = {};  // its path; empty: not found
  Version nvcc_version = {};
  Library cudnn = {}, cublas = {};
  Version cudnn_runtime = {};  // the CUDA runtime that this cuDNN was made for
  Host host = {};
  Environment environment = {};
};

}  // namespace cuttle::doctor
