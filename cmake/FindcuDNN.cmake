# Finds cuDNN 9 or later: in the system, in the CUDA toolkit's folder, or under CUDNN_ROOT.
# Defines cuDNN_FOUND, cuDNN_VERSION and the target cuDNN::cuDNN.
set(cudnn_hints ${CUDNN_ROOT} $ENV{CUDNN_ROOT} ${CUDAToolkit_ROOT} $ENV{CUDA_HOME} $ENV{CUDA_PATH}
    /usr/local/cuda)
find_path(cuDNN_INCLUDE_DIR cudnn.h HINTS ${cudnn_hints} PATH_SUFFIXES include)
find_library(cuDNN_LIBRARY cudnn HINTS ${cudnn_hints} PATH_SUFFIXES lib64 lib lib/x64)
mark_as_advanced(cuDNN_INCLUDE_DIR cuDNN_LIBRARY)
unset(cudnn_hints)

set(cuDNN_VERSION "")
if(cuDNN_INCLUDE_DIR)
  foreach(header cudnn_version.h cudnn_version_v9.h)
    if(NOT cuDNN_VERSION AND EXISTS ${cuDNN_INCLUDE_DIR}/${header})
      file(STRINGS ${cuDNN_INCLUDE_DIR}/${header} lines
           REGEX "^#define CUDNN_(MAJOR|MINOR|PATCHLEVEL) +[0-9]+")
      string(REGEX MATCHALL "[0-9]+" numbers "${lines}")
      list(JOIN numbers "." cuDNN_VERSION)
    endif()
  endforeach()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(cuDNN REQUIRED_VARS cuDNN_LIBRARY cuDNN_INCLUDE_DIR
                                  VERSION_VAR cuDNN_VERSION)
if(cuDNN_FOUND AND cuDNN_VERSION VERSION_LESS 9)
  set(cuDNN_FOUND FALSE)
endif()
if(cuDNN_FOUND AND NOT TARGET cuDNN::cuDNN)
  add_library(cuDNN::cuDNN UNKNOWN IMPORTED)
  set_target_properties(cuDNN::cuDNN PROPERTIES IMPORTED_LOCATION ${cuDNN_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${cuDNN_INCLUDE_DIR})
endif()
