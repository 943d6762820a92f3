# CUDA kernels of a program's own (docs/adding_an_op.md). Read by find_package(cuttle) and by
# add_subdirectory alike.
set_property(GLOBAL PROPERTY CUTTLE_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR})

# cuttle_add_kernels(TARGET file.cu...): compiles kernel files into a target that links cuttle::cuttle,
# for what this Cuttle was built for: with nvcc (cuda), as C++ for the interpreter (simt), or not at all
# (off). From then on on_device() reaches CUDA devices in the target's own sources. A macro, to be called
# from a CMakeLists.txt and not from a function, for it may have to enable the language CUDA.
macro(cuttle_add_kernels target)
  get_target_property(cuttle_backend cuttle::cuttle CUTTLE_GPU_BACKEND)
  if(cuttle_backend STREQUAL "cuda")
    if(NOT CMAKE_CUDA_ARCHITECTURES)  # those of the library
      get_target_property(CMAKE_CUDA_ARCHITECTURES cuttle::cuttle CUTTLE_CUDA_ARCHITECTURES)
    endif()
    get_property(cuttle_cmake_dir GLOBAL PROPERTY CUTTLE_CMAKE_DIR)
    include(${cuttle_cmake_dir}/cuda_language.cmake)
  endif()
  cuttle_compile_kernels(${target} ${cuttle_backend} ${ARGN})
endmacro()

# What it does once the language is there.
function(cuttle_compile_kernels target backend)
  if(backend STREQUAL "off")
    return()
  endif()
  set(files "")
  foreach(file ${ARGN})
    cmake_path(ABSOLUTE_PATH file NORMALIZE)
    list(APPEND files ${file})
  endforeach()
  target_sources(${target} PRIVATE ${files})
  target_compile_definitions(${target} PRIVATE CUTTLE_CUDA=1)
  if(backend STREQUAL "simt")
    get_target_property(options cuttle::cuttle CUTTLE_KERNEL_OPTIONS)
    set_source_files_properties(${files} TARGET_DIRECTORY ${target} PROPERTIES
                                LANGUAGE CXX COMPILE_OPTIONS "-ffp-contract=off;${options}")
  else()
    set_source_files_properties(${files} TARGET_DIRECTORY ${target} PROPERTIES
                                COMPILE_OPTIONS --fmad=false)
    set_target_properties(${target} PROPERTIES
      CUDA_STANDARD 20 CUDA_EXTENSIONS OFF CUDA_ARCHITECTURES "${CMAKE_CUDA_ARCHITECTURES}")
  endif()
endfunction()
