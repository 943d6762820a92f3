# Warnings and sanitizers; private, so that nothing reaches a program that links Cuttle (but the
# sanitizers' link flag, without which it would not link).
function(cuttle_set_compile_options target)
  set(cxx $<COMPILE_LANGUAGE:CXX>)
  set(cuda $<COMPILE_LANGUAGE:CUDA>)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE $<${cxx}:-Wall -Wextra -Wshadow>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 warns of an overlap inside "text" + std::string that cannot be (its bug 105651).
    target_compile_options(${target} PRIVATE $<${cxx}:-Wno-restrict>)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CUTTLE_SANITIZE)
    # A sanitizer's checks hide from GCC what is initialised: it warns of std::regex and the like.
    target_compile_options(${target} PRIVATE $<${cxx}:-Wno-maybe-uninitialized>)
  endif()
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    # Clang warns of every `omp simd` loop that it leaves scalar, which is no mistake of the loop.
    target_compile_options(${target} PRIVATE $<${cxx}:-Wno-pass-failed>)
  endif()
  if(CUTTLE_WERROR)
    target_compile_options(${target} PRIVATE $<${cxx}:-Werror> $<${cuda}:-Werror=all-warnings>)
  endif()
  if(NOT CUTTLE_GPU_BACKEND STREQUAL "off")
    target_compile_definitions(${target} PRIVATE CUTTLE_CUDA=1)
  endif()
  if(CUTTLE_SANITIZE STREQUAL "address")
    target_compile_options(${target} PRIVATE $<${cxx}:-fsanitize=address,undefined
                           -fno-sanitize-recover=undefined -fno-omit-frame-pointer>)
    target_link_options(${target} PUBLIC -fsanitize=address,undefined)
  elseif(CUTTLE_SANITIZE STREQUAL "thread")
    target_compile_options(${target} PRIVATE $<${cxx}:-fsanitize=thread -fno-omit-frame-pointer>)
    target_link_options(${target} PUBLIC -fsanitize=thread)
  endif()
endfunction()
