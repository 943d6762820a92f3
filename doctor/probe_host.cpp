// Processors, memory and what a container leaves of them (cgroups, versions 1 and 2), and oneDNN.
#include <omp.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "probe.h"
#include "shared_library.h"

namespace cuttle::doctor {

namespace {

namespace fs = std::filesystem;

/// The number behind `name` in a file such as /proc/meminfo, in its unit; 0 where there is none.
size_t number_behind(const fs::path& file, const std::string& name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(name)) continue;
    std::istringstream rest(line.substr(name.size()));
    size_t number = 0;
    return rest >> number ? number : 0;
  }
  return 0;
}

/// "model name : AMD EPYC …" of /proc/cpuinfo; empty where processors have no names.
std::string processor_name(const fs::path& root) {
  std::ifstream in(root / "proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

template <class T>
T first_number(const fs::path& file, T otherwise) {
  std::ifstream in(file);
  T number{};
  return in >> number ? number : otherwise;  // "max" is no number
}

/// Folders of this process's cgroup, its own and those it lies in, of one controller: in version 1
/// /proc/self/cgroup has "4:cpu,cpuacct:/a/b", in version 2 "0::/a/b".
std::vector<fs::path> cgroup_folders(const fs::path& root, const std::string& controller) {
  const fs::path base = root / "sys/fs/cgroup";
  std::vector<fs::path> folders;
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const size_t second = line.find(':', line.find(':') + 1);
    if (second == std::string::npos) continue;
    const std::string names =
        "," + line.substr(line.find(':') + 1, second - line.find(':') - 1) + ",";
    fs::path below = fs::path(line.substr(second + 1)).relative_path();
    const bool is_second_version = names == ",,";
    if (!is_second_version && names.find("," + controller + ",") == std::string::npos) continue;
    const fs::path top = is_second_version ? base : base / controller;
    for (; !below.empty(); below = below.parent_path()) folders.push_back(top / below);
    folders.push_back(top);  // a container often sees its own cgroup here
  }
  return folders;
}

/// Processors' worth of time; 0: no limit.
double cpu_quota(const fs::path& root) {
  double quota = 0;
  for (const fs::path& folder : cgroup_folders(root, "cpu")) {
    double granted = -1, period = 100000;
    if (std::ifstream in(folder / "cpu.max"); in) {
      in >> granted >> period;
      if (!in) granted = -1;
    } else {
      granted = first_number(folder / "cpu.cfs_quota_us", -1.0);
      period = first_number(folder / "cpu.cfs_period_us", 100000.0);
    }
    if (granted > 0 && period > 0) {
      const double here = granted / period;
      quota = quota == 0 ? here : std::min(quota, here);
    }
  }
  return quota;
}

void probe_memory(const fs::path& root, Host& host) {
  host.memory = number_behind(root / "proc/meminfo", "MemTotal:") << 10;
  host.free_memory = number_behind(root / "proc/meminfo", "MemAvailable:") << 10;
  for (const fs::path& folder : cgroup_folders(root, "memory")) {
    size_t limit = first_number(folder / "memory.max", size_t{0});
    size_t used = first_number(folder / "memory.current", size_t{0});
    if (limit == 0) {
      limit = first_number(folder / "memory.limit_in_bytes", size_t{0});
      used = first_number(folder / "memory.usage_in_bytes", size_t{0});
    }
    if (limit == 0 || limit > host.memory) continue;
    // Cached files count as used, and are given up where memory is wanted.
    used -= std::min(used, number_behind(folder / "memory.stat", "inactive_file "));
    host.memory = limit;
    host.free_memory = std::min(host.free_memory, limit - std::min(limit, used));
  }
}

int allowed_processors() {
  cpu_set_t set;
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

}  // namespace

Host probe_host(const std::string& onednn, const fs::path& root) {
  Host host{.processor = processor_name(root),
            .processors = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)),
            .allowed = allowed_processors(),
            .quota = cpu_quota(root),
            .threads = omp_get_max_threads()};
  probe_memory(root, host);
  struct OnednnVersion {  // dnnl_version_t begins so
    int major, minor, patch;
  };
  const SharedLibrary library(onednn);
  host.onednn = library.library();
  const auto* version = library.call(static_cast<const OnednnVersion*>(nullptr), "dnnl_version");
  if (version != nullptr) host.onednn.version = {version->major, version->minor, version->patch};
  host.onednn_isa = library.call(0u, "dnnl_get_effective_cpu_isa");
  return host;
}

}  // namespace cuttle::doctor
