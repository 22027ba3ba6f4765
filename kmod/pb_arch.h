/* SPDX-License-Identifier: GPL-2.0-only */
#ifdef CONFIG_X86_64
#include "arch_x86.h"
#else
#error "probebench knows x86-64 only: another architecture needs a file like arch_x86.h"
#endif
