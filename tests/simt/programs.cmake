# The interpreter's tests, for the build of the whole library and for the one in alone/. Both have a
# function cuttle_add_test(name source...), and run what it makes.
set(here ${CMAKE_CURRENT_LIST_DIR})

# cuttle_add_simt_test(name source...): like cuttle_add_test, with line numbers for reports, and
# optimised as the library is, for these sources are kernels themselves.
function(cuttle_add_simt_test name)
  set(CUTTLE_TEST_OPTIMIZATION "")
  list(TRANSFORM ARGN PREPEND ${here}/)
  cuttle_add_test(${name} ${ARGN})
  target_compile_options(${name} PRIVATE -g ${CUTTLE_TRACE_FLAGS})
  target_compile_definitions(${name} PRIVATE SIMT_TEST_TRACED=$<BOOL:${CUTTLE_SIMT_TRACE}>)
endfunction()

cuttle_add_simt_test(test_simt
  test_atomics.cpp
  test_block.cpp
  test_errors.cpp
  test_float16.cpp
  test_graphs.cpp
  test_groups.cpp
  test_maths.cpp
  test_streams.cpp
  test_tensor_core.cpp
  test_warp.cpp)

if(CUTTLE_SIMT_TRACE)
  cuttle_add_simt_test(test_simt_counters test_counters.cpp)
endif()

# Deliberately broken kernels, and the test of what is found in each.
add_executable(broken_kernels
  ${here}/broken/barriers.cpp
  ${here}/broken/host.cpp
  ${here}/broken/main.cpp
  ${here}/broken/memory.cpp
  ${here}/broken/other.cpp
  ${here}/broken/races.cpp
  ${here}/broken/tensor_core.cpp
  ${here}/broken/warps.cpp)
cuttle_set_compile_options(broken_kernels)
target_compile_options(broken_kernels PRIVATE -g -O1 ${CUTTLE_TRACE_FLAGS})
target_link_libraries(broken_kernels PRIVATE cuttle::cuttle)

cuttle_add_test(test_simt_findings ${here}/test_findings.cpp)
list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " emulator)
target_compile_definitions(test_simt_findings PRIVATE
  BROKEN_KERNELS="${emulator} $<TARGET_FILE:broken_kernels>"
  SIMT_DOCUMENT="${here}/../../docs/simt.md"
  CUTTLE_SIMT_TRACE=$<BOOL:${CUTTLE_SIMT_TRACE}>)
add_dependencies(test_simt_findings broken_kernels)

# The playground's example.
set(example ${here}/../../playground/kernel.cu)
add_executable(playground_example ${example})
set_source_files_properties(${example} PROPERTIES LANGUAGE CXX)
cuttle_set_compile_options(playground_example)
target_compile_options(playground_example PRIVATE -g -O0 -Wno-unknown-pragmas ${CUTTLE_TRACE_FLAGS})
target_link_libraries(playground_example PRIVATE cuttle::cuttle)
add_test(NAME simt_playground COMMAND playground_example)
