#include "report.h"

#include <algorithm>
#include <iomanip>

#include "probe.h"

namespace cuttle::doctor {

namespace {

void row(std::ostream& out, const std::string& name, const std::string& value) {
  out << "  " << std::left << std::setw(16) << name << value << "\n";
}

std::string gibibytes(size_t bytes) {
  const size_t tenths = bytes * 10 >> 30;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GiB";
}

std::string described(const Library& library) {
  if (library.name.empty()) return "none in this build";
  return library.found() ? library.version.str() + ", " + library.path
                         : "not found (" + library.error + ")";
}

std::string backend_words(const Build& build) {
  std::string words = build.backend;
  if (build.requested != build.backend) words += " (CUTTLE_GPU=" + build.requested + ")";
  if (build.backend == "off" && !build.reason.empty()) words += ": " + build.reason;
  return words;
}

void print_build(std::ostream& out, const Build& build) {
  out << "this build\n";
  row(out, "GPU backend", backend_words(build));
  row(out, "compiler", build.compiler);
  if (build.backend != "cuda") return;
  row(out, "CUDA runtime", build.runtime.str() + ", linked in");
  row(out, "architectures", build.architecture_list);
  row(out, "cuDNN headers", build.cudnn.str());
}

void print_gpu(std::ostream& out, const Gpu& gpu) {
  const char* const mode = gpu.compute_mode == 2   ? ", prohibited mode"
                           : gpu.compute_mode == 3 ? ", exclusive mode"
                                                   : "";
  row(out, "GPU",
      gpu.name + ", compute capability " + std::to_string(gpu.capability / 10) + "." +
          std::to_string(gpu.capability % 10) + ", " + gibibytes(gpu.memory) + " (" +
          (gpu.error.empty() ? gibibytes(gpu.free_memory) + " free" : gpu.error) + ")" + mode);
}

void print_driver(std::ostream& out, const Facts& facts) {
  const Driver& driver = facts.driver;
  out << "this machine's CUDA\n";
  if (driver.library.found()) {
    row(out, "driver",
        driver.library.version.str() + " for CUDA " + driver.cuda.str() + ", " +
            driver.library.path + (driver.words.empty() ? "" : ": " + driver.words));
  } else {
    row(out, "driver", "none (no libcuda.so.1)");
  }
  if (driver.module && driver.module != driver.library.version)
    row(out, "kernel module", driver.module.str());
  for (const Gpu& gpu : driver.gpus) print_gpu(out, gpu);
  if (driver.gpus.empty())
    row(out, "GPU",
        driver.present == 0 ? "none" : std::to_string(driver.present) + " that cannot be used");
  row(out, "toolkit",
      facts.nvcc.empty() ? "no nvcc" : facts.nvcc_version.str() + ", " + facts.nvcc);
  row(out, "cuDNN", described(facts.cudnn));
  row(out, "cuBLAS", described(facts.cublas));
}

void print_host(std::ostream& out, const Host& host) {
  out << "this machine's processors\n";
  std::string processors = std::to_string(host.processors);
  if (host.allowed > 0 && host.allowed != host.processors)
    processors += ", of them " + std::to_string(host.allowed) + " for this process";
  if (host.quota > 0) {
    const int tenths = static_cast<int>(host.quota * 10 + 0.5);
    processors += ", limited to the time of " + std::to_string(tenths / 10) + "." +
                  std::to_string(tenths % 10);
  }
  row(out, "processors", processors + (host.processor.empty() ? "" : ", " + host.processor));
  row(out, "threads", std::to_string(host.threads));
  row(out, "memory", gibibytes(host.memory) + " (" + gibibytes(host.free_memory) + " free)");
  row(out, "oneDNN", host.onednn.name.empty() ? "in the programs" : described(host.onednn));
}

}  // namespace

void print(std::ostream& out, const Facts& facts) {
  out << "Cuttle " << facts.build.version << "\n\n";
  print_build(out, facts.build);
  print_driver(out, facts);
  print_host(out, facts.host);
}

void print(std::ostream& out, const Findings& findings) {
  out << "\n";
  if (findings.empty()) out << "Everything fits together.\n";
  for (const Finding& finding : findings) {
    out << (finding.weight == Finding::problem ? "PROBLEM: " : "advice: ") << finding.sentence
        << "\n  mend: " << finding.mend << "\n";
  }
}

int run(std::ostream& out) {
  const Facts facts = probe();
  const Findings findings = judge(facts);
  print(out, facts);
  print(out, findings);
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.weight == Finding::problem; })
             ? 1
             : 0;
}

}  // namespace cuttle::doctor
