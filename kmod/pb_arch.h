/* SPDX-License-Identifier: GPL-2.0-only */
#if defined(CONFIG_X86_64)
#include "arch_x86.h"
#elif defined(CONFIG_ARM64)
#include "arch_arm64.h"
#else
#error "probebench knows x86-64 and arm64: another architecture needs a file like arch_x86.h"
#endif
