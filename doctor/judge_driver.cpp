// From no driver at all to one that sees no GPU: the first thing that is wrong, for what follows
// from it need not be told.
#include <optional>

#include "judge.h"

namespace cuttle::doctor {

namespace {

const std::string kInstallDriver =
    "Install NVIDIA's driver and restart: Ubuntu: sudo ubuntu-drivers install; Debian: sudo "
    "apt-get "
    "install nvidia-driver (from non-free); then nvidia-smi must list the GPU.";

/// The driver that runs all of a major version of CUDA (CUDA's release notes, "minor version
/// compatibility").
std::string driver_for(int cuda) {
  return cuda >= 13 ? "580 or later" : "525 or later";
}

std::optional<Finding> no_library(const Driver& driver) {
  if (driver.library.found()) return std::nullopt;
  if (driver.module)
    return Finding{
        Finding::problem,
        "The driver " + driver.module.str() +
            " is loaded in the kernel, but its library libcuda.so.1 is not here, as in a "
            "container that was started without the GPU.",
        "Start the container with NVIDIA's toolkit: docker run --gpus all -e "
        "NVIDIA_DRIVER_CAPABILITIES=compute,utility ...; outside a container install the "
        "driver's package anew."};
  if (driver.present > 0)
    return Finding{
        Finding::problem,
        "This machine has an NVIDIA GPU and no driver for it: there is no libcuda.so.1, and "
        "no module in the kernel.",
        kInstallDriver};
  return Finding{
      Finding::problem,
      "This build is for GPUs, and this machine has neither an NVIDIA GPU nor its driver; "
      "programs run on the CPU.",
      "Rent or take a machine with a GPU; on a notebook's machine choose a runtime with a "
      "GPU. For the CPU alone: tools/build.sh -p cpu."};
}

bool is_compat(const Driver& driver) {
  return driver.library.path.find("/compat/") != std::string::npos;
}

std::optional<Finding> mixed_versions(const Driver& driver) {
  const Version library = driver.library.version, module = driver.module;
  const bool told = driver.status == 803;
  if (is_compat(driver) || !(told || (library && module && library != module))) return std::nullopt;
  return Finding{Finding::problem,
                 "The driver's library (" + library.str() + ") and its module in the kernel (" +
                     module.str() + ") are of different versions, as after an update.",
                 "Restart the machine (or unload the modules: sudo rmmod nvidia_drm nvidia_modeset "
                 "nvidia_uvm nvidia). In a container: restart it, for the host was updated."};
}

std::optional<Finding> old_driver(const Facts& facts) {
  const Version driver = facts.driver.cuda, runtime = facts.build.runtime;
  if (!driver || driver.first >= runtime.first) return std::nullopt;
  const std::string major = std::to_string(runtime.first);
  return Finding{Finding::problem,
                 "The driver runs CUDA up to " + driver.str() + ", and this build needs CUDA " +
                     runtime.str() + ".",
                 "Install the driver " + driver_for(runtime.first) +
                     ", or build with a toolkit of CUDA " + std::to_string(driver.first) +
                     ": CUDA_HOME=DIR tools/build.sh. On data-centre GPUs "
                     "the package cuda-compat-" +
                     major + "-" + std::to_string(runtime.second) +
                     " does it without a new driver."};
}

/// What cuInit's other numbers mean.
std::optional<Finding> not_started(const Driver& driver) {
  if (driver.status == 0 || driver.status == 100) return std::nullopt;
  const std::string what = "The CUDA driver does not start: " + driver.words + " (" +
                           std::to_string(driver.status) + ").";
  if (driver.status == 804)
    return Finding{
        Finding::problem,
        what + " " + driver.library.path +
            " is of the forward-compatibility package, which "
            "this GPU does not support: data-centre GPUs alone do.",
        "Take the folder out of the loader's way (LD_LIBRARY_PATH, or sudo apt-get remove "
        "'cuda-compat-*'), and install a newer driver instead."};
  if (driver.status == 802)
    return Finding{Finding::problem,
                   what + " GPUs joined by NVSwitch wait for their fabric manager.",
                   "sudo systemctl start nvidia-fabricmanager; its version must be the driver's, " +
                       driver.module.str() + "."};
  return Finding{
      Finding::problem, what,
      "See whether nvidia-smi works and what sudo dmesg | grep -i nvrm says; a restart loads "
      "the driver anew."};
}

/// `visible` as CUDA reads it: GPUs up to the first that does not exist.
std::optional<Finding> no_gpu(const Facts& facts) {
  if (!facts.driver.gpus.empty()) return std::nullopt;
  const auto& visible = facts.environment.visible_devices;
  if (visible)
    return Finding{Finding::problem,
                   "CUDA_VISIBLE_DEVICES is '" + *visible + "', " +
                       (visible->empty() ? "which hides every GPU."
                                         : "which names no GPU of this machine first."),
                   "unset CUDA_VISIBLE_DEVICES, or name a GPU that nvidia-smi -L lists: "
                   "CUDA_VISIBLE_DEVICES=0."};
  if (facts.driver.present > 0)
    return Finding{
        Finding::problem,
        "The driver is here and a GPU is in the machine, but the driver sees none, as where "
        "/dev/nvidia0 may not be opened or the module was not loaded.",
        "See ls -l /dev/nvidia* and sudo nvidia-smi; in a container: docker run --gpus all."};
  return Finding{Finding::problem,
                 "The driver is here, but this machine has no GPU; programs run on the CPU.",
                 "Take a machine, or on a notebook's machine a runtime, with a GPU."};
}

/// What works, and is worth a word.
void judge_visible(const Facts& facts, Findings& findings) {
  const auto& visible = facts.environment.visible_devices;
  const int seen = static_cast<int>(facts.driver.gpus.size());
  if (visible && seen < facts.driver.present)
    findings.push_back({Finding::advice,
                        "CUDA_VISIBLE_DEVICES is '" + *visible + "': programs see " +
                            std::to_string(seen) + " of the " +
                            std::to_string(facts.driver.present) + " GPUs in the machine.",
                        "unset CUDA_VISIBLE_DEVICES, unless it is meant so."});
}

}  // namespace

void judge_driver(const Facts& facts, Findings& findings) {
  const Driver& driver = facts.driver;
  for (const auto& found : {no_library(driver), mixed_versions(driver), old_driver(facts),
                            not_started(driver), no_gpu(facts)}) {
    if (!found) continue;
    findings.push_back(*found);
    return;
  }
  judge_visible(facts, findings);
}

}  // namespace cuttle::doctor
