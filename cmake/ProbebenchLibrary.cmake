# SPDX-License-Identifier: MIT
# One folder, one library; a group of libraries sees the headers of its own side and of `common` only, so that an
# include of the other side does not compile.
option(PROBEBENCH_WERROR "Warnings are errors" OFF)
set(PROBEBENCH_SANITIZE "" CACHE STRING "Sanitizers, comma separated; empty for none")

add_library(probebench_flags INTERFACE)
target_compile_options(probebench_flags INTERFACE -Wall -Wextra -Wtype-limits -Wshadow
                       $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
                       $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wreserved-identifier>)
# libbpf's LIBBPF_OPTS() names the members that are set, and zeroes the others before.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 18)
  target_compile_options(probebench_flags INTERFACE
                         $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-designated-field-initializers>)
endif()
# A static library may pull in shared ones that one of its users does not need; the agent carries what it links.
target_link_options(probebench_flags INTERFACE -Wl,--as-needed)
if(PROBEBENCH_WERROR)
  target_compile_options(probebench_flags INTERFACE -Werror)
endif()
if(PROBEBENCH_SANITIZE)
  target_compile_options(probebench_flags INTERFACE -fsanitize=${PROBEBENCH_SANITIZE} -fno-omit-frame-pointer
                                                    -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(probebench_flags INTERFACE
                           -fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/sanitizer_ignored.txt)
  endif()
  if(PROBEBENCH_SANITIZE MATCHES "fuzzer-no-link")
    target_compile_options(probebench_flags INTERFACE
                           -fsanitize-coverage-ignorelist=${CMAKE_CURRENT_LIST_DIR}/coverage_ignored.txt)
  endif()
  target_link_options(probebench_flags INTERFACE -fsanitize=${PROBEBENCH_SANITIZE})
endif()

# A third of clang's time is parsing these; g++ gains little, and loses what it knows of system headers.
option(PROBEBENCH_PCH "Precompile the headers that most sources include" OFF)
set(PROBEBENCH_COMMON_HEADERS <algorithm> <array> <chrono> <filesystem> <functional> <map> <memory> <optional> <set>
                              <span> <sstream> <string> <vector> <fmt/ranges.h> <nlohmann/json.hpp>)

# probebench_precompiled(<name> <header>...): the target that other targets take these headers from
function(probebench_precompiled name)
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp CONTENT "// only the headers\n")
  add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PRIVATE probebench_flags fmt::fmt nlohmann_json::nlohmann_json)
  list(TRANSFORM ARGN REPLACE ".+" "$<$<COMPILE_LANGUAGE:CXX>:\\0>")
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()
# For data by the million, or in emulation, which is many times slower than the host.
set(PROBEBENCH_OPTIMIZED "" CACHE STRING "Libraries that compute much, so have -O1 where the others have none")
if(PROBEBENCH_PCH)
  probebench_precompiled(probebench_headers ${PROBEBENCH_COMMON_HEADERS})
  probebench_precompiled(probebench_optimized_headers ${PROBEBENCH_COMMON_HEADERS})
  # clang takes no headers that were precompiled with another -O.
  target_compile_options(probebench_optimized_headers PRIVATE -O1)
endif()

# The three link groups: what each one's libraries may include.
foreach(group common guest host)
  add_library(probebench_${group} INTERFACE)
  target_include_directories(probebench_${group} INTERFACE ${PROJECT_SOURCE_DIR}/harness/${group})
  target_link_libraries(probebench_${group} INTERFACE probebench_flags)
endforeach()
target_link_libraries(probebench_guest INTERFACE probebench_common)
target_link_libraries(probebench_host INTERFACE probebench_common)
# The module's ABI; only the target has the module.
target_include_directories(probebench_guest INTERFACE ${PROJECT_SOURCE_DIR}/kmod)

# probebench_library(<group> <name> [SOURCES <file>...] [LINK <library>...]): the library pb_<name>, of the sources
# of the folder <name> where none are named.
function(probebench_library group name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS ${name}/*.cpp ${name}/*.c ${name}/*.S)
    list(FILTER ARG_SOURCES EXCLUDE REGEX "/main\\.cpp$")
  endif()
  add_library(pb_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(pb_${name} PUBLIC probebench_${group} ${ARG_LINK})
  set_target_properties(pb_${name} PROPERTIES UNITY_BUILD_BATCH_SIZE 13)  # a folder has up to 40: two or three batches
  set(headers probebench_headers)
  if(name IN_LIST PROBEBENCH_OPTIMIZED)
    target_compile_options(pb_${name} PRIVATE -O1)
    set(headers probebench_optimized_headers)
  endif()
  if(PROBEBENCH_PCH)
    target_precompile_headers(pb_${name} REUSE_FROM ${headers})
    list(FILTER ARG_SOURCES INCLUDE REGEX "\\.c$")
    set_source_files_properties(${ARG_SOURCES} PROPERTIES SKIP_PRECOMPILE_HEADERS ON
                                SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()
