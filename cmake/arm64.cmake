# SPDX-License-Identifier: MIT
# Toolchain file of the agent for arm64. ci/arm64-agent makes the sysroot: Debian's packages, unpacked.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(PROBEBENCH_SYSROOT "" CACHE PATH "Unpacked packages of the target")
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PROBEBENCH_SYSROOT)
set(CMAKE_SYSROOT ${PROBEBENCH_SYSROOT})

file(GLOB compilers /usr/bin/aarch64-linux-gnu-g++-[0-9]*)
list(SORT compilers COMPARE NATURAL ORDER DESCENDING)
list(GET compilers 0 CMAKE_CXX_COMPILER)
string(REPLACE "g++" "gcc" CMAKE_C_COMPILER ${CMAKE_CXX_COMPILER})
set(CMAKE_ASM_COMPILER ${CMAKE_C_COMPILER})

# Programs are the machine's own, all else the target's.
set(CMAKE_FIND_ROOT_PATH ${PROBEBENCH_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${PROBEBENCH_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${PROBEBENCH_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${PROBEBENCH_SYSROOT}/usr/share/pkgconfig)
