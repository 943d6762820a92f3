# Enables CUDA, in C++20, with the compiler CUTTLE_NVCC unless the user has named another.
if(NOT CMAKE_CUDA_COMPILER)
  find_program(CUTTLE_NVCC NAMES $ENV{CUDACXX} nvcc PATH_SUFFIXES bin
               HINTS $ENV{CUDA_HOME} $ENV{CUDA_PATH} /usr/local/cuda)
  set(CMAKE_CUDA_COMPILER ${CUTTLE_NVCC} CACHE FILEPATH "The CUDA compiler")
endif()
enable_language(CUDA)
set(CMAKE_CUDA_STANDARD 20)
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.22 does not know that nvcc 12 has it
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
endif()
