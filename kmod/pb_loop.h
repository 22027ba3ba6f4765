/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The loop that calls a site, in assembly: a compiler that unrolls it by two
 * makes the cost of a call depend on whether their number is even. Shared with
 * user space, where tests/guest/call/measured_loop_test.cpp counts it.
 */
#ifndef PROBEBENCH_LOOP_H
#define PROBEBENCH_LOOP_H

/* Of one turn, beside those of the function: mov, add, call, compare, jump. */
#define PB_LOOP_TURN_INSNS	5

#if defined(__aarch64__)
/* In x19 the calls that were made, in x20 how many to make. x18 may be the kernel's own. */
#define PB_LOOP_TURN(fn)						\
	"1:\tmov x0, x19\n\t"						\
	"add x19, x19, #1\n\t"						\
	"bl " fn "\n\t"							\
	"cmp x19, x20\n\t"						\
	"b.ne 1b\n\t"
#define PB_LOOP_CLOBBERS						\
	"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9",	\
	"x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x30",	\
	"memory", "cc"
#else
/* In rbx the calls that were made, in r12 how many to make: neither is the callee's. */
#define PB_LOOP_TURN(fn)						\
	"1:\tmov %%rbx, %%rdi\n\t"					\
	"add $1, %%rbx\n\t"						\
	"call " fn "\n\t"						\
	"cmp %%r12, %%rbx\n\t"						\
	"jne 1b\n\t"
#define PB_LOOP_CLOBBERS						\
	"rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",	\
	"memory", "cc"
#endif

#endif
