# Finds cuDNN 9 or later: under CUDNN_ROOT, in the CUDA toolkit's folder, in the system, and last among the
# packages of python3, where pip has installed nvidia-cudnn-cu12 (or -cu13, as the toolkit is of).
# Defines cuDNN_FOUND, cuDNN_VERSION and the target cuDNN::cuDNN.

# cudnn_look(PLACES...): looks in PLACES, arguments of find_path, unless it is found already.
macro(cudnn_look)
  find_path(cuDNN_INCLUDE_DIR cudnn.h PATH_SUFFIXES include ${ARGN})
  find_library(cuDNN_LIBRARY NAMES cudnn libcudnn.so.9 PATH_SUFFIXES lib64 lib lib/x64 ${ARGN})
  mark_as_advanced(cuDNN_INCLUDE_DIR cuDNN_LIBRARY)
  set(cuDNN_VERSION "")
  foreach(header cudnn_version.h cudnn_version_v9.h)
    if(NOT cuDNN_VERSION AND EXISTS ${cuDNN_INCLUDE_DIR}/${header})
      file(STRINGS ${cuDNN_INCLUDE_DIR}/${header} lines
           REGEX "^#define CUDNN_(MAJOR|MINOR|PATCHLEVEL) +[0-9]+")
      string(REGEX MATCHALL "[0-9]+" numbers "${lines}")
      list(JOIN numbers "." cuDNN_VERSION)
    endif()
  endforeach()
  if(NOT cuDNN_LIBRARY OR NOT cuDNN_INCLUDE_DIR OR (cuDNN_VERSION AND cuDNN_VERSION VERSION_LESS 9))
    unset(cuDNN_LIBRARY CACHE)  # half of one, or an old one: none
    unset(cuDNN_INCLUDE_DIR CACHE)
  endif()
endmacro()

# Sets <folder> to where pip has installed cuDNN for the CUDA toolkit that is there; empty: it has not.
function(cudnn_of_python folder)
  set(${folder} "" PARENT_SCOPE)
  if(NOT "${CUTTLE_NVCC_VERSION};${CMAKE_CUDA_COMPILER_VERSION};${CUDAToolkit_VERSION}" MATCHES "([0-9]+)\\.")
    return()
  endif()
  set(package nvidia-cudnn-cu${CMAKE_MATCH_1})
  find_program(cuDNN_PYTHON NAMES python3)
  mark_as_advanced(cuDNN_PYTHON)
  if(NOT cuDNN_PYTHON)
    return()
  endif()
  execute_process(
    COMMAND ${cuDNN_PYTHON} -c "from importlib.metadata import distribution; \
print(distribution('${package}').locate_file('nvidia/cudnn'))"
    OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
  if(status EQUAL 0)
    set(${folder} "${output}" PARENT_SCOPE)
  endif()
endfunction()

cudnn_look(HINTS ${CUDNN_ROOT} $ENV{CUDNN_ROOT} ${CUDAToolkit_ROOT} $ENV{CUDA_HOME} $ENV{CUDA_PATH}
           /usr/local/cuda)
if(NOT cuDNN_LIBRARY)
  cudnn_of_python(cudnn_folder)
  if(cudnn_folder)
    cudnn_look(PATHS ${cudnn_folder} NO_DEFAULT_PATH)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(cuDNN REQUIRED_VARS cuDNN_LIBRARY cuDNN_INCLUDE_DIR
                                  VERSION_VAR cuDNN_VERSION)
if(cuDNN_FOUND AND NOT TARGET cuDNN::cuDNN)
  add_library(cuDNN::cuDNN UNKNOWN IMPORTED)
  set_target_properties(cuDNN::cuDNN PROPERTIES IMPORTED_LOCATION ${cuDNN_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${cuDNN_INCLUDE_DIR})
endif()
