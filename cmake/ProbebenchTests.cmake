# SPDX-License-Identifier: MIT
# How a test becomes known to CTest: from where it lies, so that none is listed.
include(GoogleTest)

# All that the labels need, for builds that run nothing else.
add_custom_target(unit_tests)
add_custom_target(vm_tests)

set(PROBEBENCH_PYTHON /usr/bin/python3)  # the distribution's: it is the one that sees the distribution's packages

if(PROBEBENCH_PCH)
  probebench_precompiled(probebench_test_headers ${PROBEBENCH_COMMON_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)
  # As the tests are compiled: clang refuses a macro that the headers were precompiled without.
  target_link_libraries(probebench_test_headers PRIVATE GTest::gmock)
endif()

# probebench_test_program(<name> [LABEL <unit|vm>] SOURCES <file>... LINK <target>...): a program of tests/
function(probebench_test_program name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  target_compile_definitions(${name} PRIVATE PROBEBENCH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  add_dependencies(${ARG_LABEL}_tests ${name})
endfunction()

# probebench_unit_tests(<side> <library> [LINK <target>...]): each *_test.cpp of the folder in one program, which
# links the library and no other side's.
function(probebench_unit_tests side library)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${side}/${library}/*_test.cpp)
  probebench_test_program(${side}_${library}_tests SOURCES ${sources} LINK GTest::gmock_main pb_${library} ${ARG_LINK})
  if(PROBEBENCH_PCH)
    target_precompile_headers(${side}_${library}_tests REUSE_FROM probebench_test_headers)
  endif()
  # A failure of a test names its own line; a tenth of the time to compile it is for all others.
  target_compile_options(${side}_${library}_tests PRIVATE -g0)
  gtest_discover_tests(${side}_${library}_tests TEST_PREFIX "${library}." DISCOVERY_TIMEOUT 30 PROPERTIES LABELS unit)
endfunction()

# probebench_test_fixture(<name> <source> LINK <library>...): what several programs of tests share
function(probebench_test_fixture name source)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_library(${name} STATIC ${source})
  get_filename_component(folder ${source} DIRECTORY)
  target_include_directories(${name} PUBLIC ${folder})
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
endfunction()

# probebench_command_test(<name> <label> COMMAND <word>... [FOLDER <folder>]): one test that is a program's exit code
function(probebench_command_test name label)
  cmake_parse_arguments(ARG "" "FOLDER" "COMMAND" ${ARGN})
  add_test(NAME ${name} COMMAND ${ARG_COMMAND} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_FOLDER})
  set(deadline 600)
  if(label STREQUAL "nightly")
    set(deadline 3600)  # a hundred kills take longer than ten minutes
  endif()
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT ${deadline} ENVIRONMENT
    "PROBEBENCH_ROOT=${PROJECT_SOURCE_DIR};PROBEBENCH_BUILD=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endfunction()

# probebench_python_tests(<label> <folder>...): each class with tests in the folders' *_test.py is one test. Classes
# of one LOCK do not run side by side; one with a COST, in seconds, begins before those that have less; one with a
# LABEL or a TIMEOUT has that one instead.
function(probebench_python_tests label)
  foreach(folder ${ARGN})
    file(GLOB files CONFIGURE_DEPENDS ${folder}/*_test.py)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/test_classes.py)
    execute_process(COMMAND ${PROBEBENCH_PYTHON} ${PROJECT_SOURCE_DIR}/cmake/test_classes.py ${files}
                    OUTPUT_VARIABLE found COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "[^\n]+" lines "${found}")
    get_filename_component(prefix ${CMAKE_CURRENT_SOURCE_DIR}/${folder} NAME)
    foreach(line ${lines})
      string(REPLACE " " ";" line ${line})
      list(POP_FRONT line class)
      string(REPLACE "_test." "." name "${prefix}.${class}")
      probebench_command_test(${name} ${label} FOLDER ${folder} COMMAND ${PROBEBENCH_PYTHON} -m unittest -v ${class})
      # A class is many tests of one program, so begins before those that are one.
      set_tests_properties(${name} PROPERTIES COST 5)
      if(line)
        set_tests_properties(${name} PROPERTIES ${line})
      endif()
    endforeach()
  endforeach()
endfunction()
