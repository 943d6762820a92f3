// cuDNN and cuBLAS, which programs of a CUDA build load when they start: there, and of the version
// that the build was compiled with.
#include "judge.h"

namespace cuttle::doctor {

namespace {

/// "libcudnn.so.9 was not found", or the loader's words where it has others.
std::string not_loaded(const Library& library) {
  if (library.error.find("No such file") != std::string::npos &&
      library.error.find(library.name) != std::string::npos)
    return library.name + " is not on this machine";
  return library.name + " does not load (" + library.error + ")";
}

std::string cuda_name(const Facts& facts) {
  return std::to_string(facts.build.runtime.first);
}

void judge_cudnn(const Facts& facts, Findings& findings) {
  const Library& cudnn = facts.cudnn;
  const std::string install = "apt-get install libcudnn9-cuda-" + cuda_name(facts) +
                              " (NVIDIA's archive), or pip install nvidia-cudnn-cu" +
                              cuda_name(facts);
  if (!cudnn.found()) {
    findings.push_back({Finding::problem,
                        "cuDNN: " + not_loaded(cudnn) + ", so no program of this build starts.",
                        install + "; where it lies elsewhere, add its folder to LD_LIBRARY_PATH."});
    return;
  }
  const std::string loaded =
      "The cuDNN that programs load, " + cudnn.version.str() + " in " + cudnn.path;
  if (cudnn.version.first != facts.build.cudnn.first) {
    findings.push_back({Finding::problem,
                        loaded + ", is of another major version than " + facts.build.cudnn.str() +
                            ", which this build was compiled with.",
                        install + ", or build anew with the one that is here: rm -rf build/cuda."});
  } else if (facts.cudnn_runtime && facts.cudnn_runtime.first != facts.build.runtime.first) {
    findings.push_back({Finding::problem,
                        loaded + ", was made for CUDA " + facts.cudnn_runtime.str() +
                            ", and this build is of CUDA " + facts.build.runtime.str() + ".",
                        install + ", and take the other one out of LD_LIBRARY_PATH."});
  } else if (cudnn.version < facts.build.cudnn) {
    findings.push_back({Finding::advice,
                        loaded + ", is older than " + facts.build.cudnn.str() +
                            ", which this build was compiled with; it may lack functions.",
                        install + "; echo $LD_LIBRARY_PATH shows whose comes first."});
  }
}

void judge_cublas(const Facts& facts, Findings& findings) {
  const Library& cublas = facts.cublas;
  const std::string install = "apt-get install libcublas-" + cuda_name(facts) + "-" +
                              std::to_string(facts.build.runtime.second) +
                              " (NVIDIA's archive), or pip install nvidia-cublas" +
                              (facts.build.runtime.first < 13 ? "-cu" + cuda_name(facts) : "");
  if (!cublas.found()) {
    findings.push_back({Finding::problem,
                        "cuBLAS: " + not_loaded(cublas) + ", so no program of this build starts.",
                        install + "; where it lies elsewhere, add its folder to LD_LIBRARY_PATH."});
  } else if (cublas.version && cublas.version.first != facts.build.runtime.first) {
    findings.push_back({Finding::problem,
                        "The cuBLAS that programs load, " + cublas.version.str() + " in " +
                            cublas.path + ", is not of CUDA " + cuda_name(facts) +
                            ", which this build is of.",
                        install + "; echo $LD_LIBRARY_PATH shows whose comes first."});
  }
}

}  // namespace

void judge_libraries(const Facts& facts, Findings& findings) {
  judge_cudnn(facts, findings);
  judge_cublas(facts, findings);
}

}  // namespace cuttle::doctor
