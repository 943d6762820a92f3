# The packages Cuttle cannot be built without, asked for in one place so that a missing one is told
# with the line that installs it. Folders find their own packages after this.

# cuttle_require(PACKAGE APT_PACKAGE WHAT_FOR find_package-argument...): a macro, for the targets
# that find_package makes are known in the calling folder alone.
macro(cuttle_require package apt_package what_for)
  find_package(${package} QUIET ${ARGN})
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "Cuttle needs ${package} (${what_for}) and did not find it.\n"
            "On Debian and Ubuntu:  sudo apt-get install ${apt_package}\n"
            "(tools/setup.sh installs everything.) Elsewhere, add where it lies to CMAKE_PREFIX_PATH.")
  endif()
endmacro()

cuttle_require(dnnl libdnnl-dev "oneDNN: convolution and matrix product on the CPU" CONFIG)
cuttle_require(OpenMP g++ "threads of the CPU kernels" COMPONENTS CXX)
cuttle_require(OpenSSL libssl-dev "checksums of downloaded files" COMPONENTS Crypto)
cuttle_require(nlohmann_json nlohmann-json3-dev "the headers of safetensors files")
if(CUTTLE_BUILD_EXAMPLES)
  cuttle_require(CLI11 libcli11-dev "the examples' command line; -DCUTTLE_BUILD_EXAMPLES=OFF does without")
endif()
if(CUTTLE_BUILD_TESTS)
  cuttle_require(GTest libgtest-dev "the tests; -DCUTTLE_BUILD_TESTS=OFF does without")
endif()
if(CUTTLE_BUILD_BENCH)
  cuttle_require(benchmark libbenchmark-dev "Google Benchmark; -DCUTTLE_BUILD_BENCH=OFF does without")
endif()
