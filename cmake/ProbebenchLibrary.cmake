# SPDX-License-Identifier: MIT
# One folder, one library: a wrong dependency between stages does not link.
option(PROBEBENCH_WERROR "Warnings are errors" OFF)
set(PROBEBENCH_SANITIZE "" CACHE STRING "Sanitizers, comma separated; empty for none")

add_library(probebench_flags INTERFACE)
target_include_directories(probebench_flags INTERFACE ${PROJECT_SOURCE_DIR}/harness ${PROJECT_SOURCE_DIR})
target_compile_options(probebench_flags INTERFACE -Wall -Wextra -Wtype-limits -Wshadow
                       $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
                       $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wreserved-identifier>)
# A static library may pull in shared ones that one of its users does not need; the agent carries what it links.
target_link_options(probebench_flags INTERFACE -Wl,--as-needed)
if(PROBEBENCH_WERROR)
  target_compile_options(probebench_flags INTERFACE -Werror)
endif()
if(PROBEBENCH_SANITIZE)
  target_compile_options(probebench_flags INTERFACE -fsanitize=${PROBEBENCH_SANITIZE} -fno-omit-frame-pointer
                                                    -fno-sanitize-recover=all)
  target_link_options(probebench_flags INTERFACE -fsanitize=${PROBEBENCH_SANITIZE})
endif()

# probebench_library(<name> SOURCES <file>... [LINK <library>...])
function(probebench_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(pb_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(pb_${name} PUBLIC probebench_flags ${ARG_LINK})
endfunction()
