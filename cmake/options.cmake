# What can be chosen at configure time.
set(CUTTLE_GPU auto CACHE STRING
    "GPU backend: auto (cuda where nvcc, cuDNN and a GPU are found, else off), cuda, simt, off")
set_property(CACHE CUTTLE_GPU PROPERTY STRINGS auto cuda simt off)
set(CUTTLE_SANITIZE "" CACHE STRING "Sanitizers: empty, address (with undefined), thread")
set_property(CACHE CUTTLE_SANITIZE PROPERTY STRINGS "" address thread)
option(CUTTLE_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(CUTTLE_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(CUTTLE_BUILD_BENCH "Build the benchmarks" OFF)
option(CUTTLE_WERROR "Treat warnings as errors" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(CUTTLE_CCACHE ccache)
if(CUTTLE_CCACHE AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CUTTLE_CCACHE})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CUTTLE_CCACHE})
endif()
