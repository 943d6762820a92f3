# `cmake --install`: headers under include/cuttle, lib/libcuttle.a, and what find_package(cuttle)
# reads. Included last, when every folder has named its packages.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(cuttle_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cuttle)
install(TARGETS cuttle EXPORT cuttleTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${PROJECT_SOURCE_DIR}/cuttle.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cuttle)
foreach(folder kernels core layers optim data io report checkpoint)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cuttle FILES_MATCHING PATTERN "*.h"
          PATTERN cpu EXCLUDE PATTERN cuda EXCLUDE PATTERN simt EXCLUDE PATTERN CIFAR10 EXCLUDE)
endforeach()

# What a program's own kernels include: gpu.h with its launch and, under it, the interpreter's language.
if(NOT CUTTLE_GPU_BACKEND STREQUAL "off")
  set(headers check.h cuda_api.h gpu.h launch.h launch_error.h overlap.h)
  list(TRANSFORM headers PREPEND ${PROJECT_SOURCE_DIR}/kernels/cuda/)
  install(FILES ${headers}
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cuttle/kernels/cuda)
endif()
if(CUTTLE_GPU_BACKEND STREQUAL "simt")
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/kernels/simt
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cuttle/kernels FILES_MATCHING
          PATTERN device.h PATTERN language/*.h PATTERN runtime/launch.h
          PATTERN execution EXCLUDE PATTERN findings EXCLUDE)
endif()

# A static library hands the linker what it was linked with, so whoever links Cuttle finds the same
# packages. The targets named in LINK_LIBRARIES say which.
get_target_property(libraries cuttle LINK_LIBRARIES)
set(CUTTLE_FIND_DEPENDENCIES "")
foreach(rule "OpenMP::|OpenMP COMPONENTS CXX" "DNNL::|dnnl CONFIG" "Threads::|Threads"
             "CURL::|CURL" "JPEG::|JPEG" "LibArchive::|LibArchive" "OpenSSL::|OpenSSL" "ZLIB::|ZLIB"
             "CUDA::|CUDAToolkit 12" "cuDNN::|cuDNN")
  string(REPLACE "|" ";" rule "${rule}")
  list(GET rule 0 targets)
  list(GET rule 1 package)
  if(libraries MATCHES "${targets}")
    string(APPEND CUTTLE_FIND_DEPENDENCIES "find_dependency(${package})\n")
  endif()
endforeach()
if(libraries MATCHES "cuDNN::")
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/FindcuDNN.cmake DESTINATION ${cuttle_package_dir})
endif()

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/cuttleConfig.cmake.in ${PROJECT_BINARY_DIR}/cmake/cuttleConfig.cmake
  INSTALL_DESTINATION ${cuttle_package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/cuttleConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cmake/cuttleConfig.cmake
              ${PROJECT_BINARY_DIR}/cmake/cuttleConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/cuda_language.cmake
              ${PROJECT_SOURCE_DIR}/cmake/kernels.cmake
        DESTINATION ${cuttle_package_dir})
install(EXPORT cuttleTargets NAMESPACE cuttle:: DESTINATION ${cuttle_package_dir})
