/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PB_SELFTEST_H
#define PB_SELFTEST_H

#include "pb_abi.h"

/*
 * 0, or -ENOMEM. Checks, inside the kernel, what every measurement rests on: sites and twins
 * agree, the probed instructions are where they should be, clocks advance,
 * arguments are bounded, a probe counts each call once and leaves no trace.
 * Nothing may be attached.
 */
int pb_selftest_run(struct pb_selftest *result);

#endif
