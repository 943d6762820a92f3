# cuttle::version(): the project's version and, in a checkout, git's name for what is built. Git is asked at
# every build, but the file is written only where the answer changed: a commit recompiles that file alone.
# As an object library, for the program `cuttle` has it without the rest (doctor/CMakeLists.txt).
set(cuttle_version_file ${PROJECT_BINARY_DIR}/version/version.cpp)
set(cuttle_write_version ${CMAKE_COMMAND} -D SOURCE=${PROJECT_SOURCE_DIR} -D VERSION=${PROJECT_VERSION}
    -D FILE=${cuttle_version_file} -P ${CMAKE_CURRENT_LIST_DIR}/write_version.cmake)
execute_process(COMMAND ${cuttle_write_version})
add_custom_target(cuttle_version_text COMMAND ${cuttle_write_version} VERBATIM
                  BYPRODUCTS ${cuttle_version_file} COMMENT "Asking git what is built")
add_library(cuttle_version OBJECT ${cuttle_version_file})
add_dependencies(cuttle_version cuttle_version_text)
target_compile_features(cuttle_version PRIVATE cxx_std_20)
cuttle_set_compile_options(cuttle_version)
target_sources(cuttle PRIVATE $<TARGET_OBJECTS:cuttle_version>)
