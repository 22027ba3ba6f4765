/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that the module knows of x86-64: the instructions of the probe sites, the
 * bytes that say what is armed, clock, counters and debug registers. Another
 * architecture is another file like this one; pb_arch.h chooses. The marker is
 * shared with user space (pb_marker.h).
 */
#ifndef PB_ARCH_X86_H
#define PB_ARCH_X86_H

#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/perf_event.h>
#include <linux/string.h>
#include <linux/types.h>

#include <asm/asm.h>
#include <asm/cpufeature.h>
#include <asm/debugreg.h>
#include <asm/tsc.h>

#include "pb_loop.h"

/* One instruction of five bytes: boostable, and a jump fits over it. */
#define PB_INSN_MID		"movl $0x62707262, %%ecx"
#define PB_INSN_MID_BYTES	{ 0xb9, 0x62, 0x72, 0x70, 0x62 }
#define PB_INSN_MID_SIZE	5
#define PB_INSN_MID_OPCODE	0xb9
/*
 * can_boost() refuses every opcode of three bytes, on all kernels, so this one
 * can neither be boosted nor optimized; no kernel emulates it. It needs SSE4.2.
 */
#define PB_INSN_STEP		"crc32l %%ecx, %%ecx"
#define PB_INSN_STEP_OPCODE	0xf2
/* A short jump over nothing. */
#define PB_INSN_JUMP		"jmp 2f\n2:"
#define PB_INSN_JUMP_OPCODE	0xeb
/* The byte of an instruction that holds the opcode. */
#define PB_INSN_OPCODE_AT	0
/* Adds a number to operand 0. */
#define PB_INSN_ADD(n)		"addq $" #n ", %0\n"

/*
 * Two nops of ten bytes. They push a site's return out of the lower half of its
 * cache line, where it would be a jump to a thunk on CPUs with Indirect Target
 * Selection, and the optimizer of Linux before 6.2 takes no function with such
 * a jump.
 */
#define PB_INSN_NOP10		".byte 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0\n\t"
#define PB_INSN_PAD		PB_INSN_NOP10 PB_INSN_NOP10
/* What these change. */
#define PB_INSN_CLOBBERS	"rcx", "cc"

static inline bool pb_arch_has_instructions(void)
{
	return boot_cpu_has(X86_FEATURE_XMM4_2);
}

/* Calls @fn so many times, once at least, with 0, 1, 2 and so on. */
#define pb_arch_call_times(fn, calls) do {				\
	register unsigned long wanted asm("r12") = (calls);		\
	unsigned long made = 0;						\
									\
	asm volatile(PB_LOOP_TURN(#fn)					\
		     : "+b" (made), ASM_CALL_CONSTRAINT			\
		     : "r" (wanted) : PB_LOOP_CLOBBERS);		\
} while (0)

/* So many instructions that do nothing, in twos. */
static __always_inline void pb_arch_idle(unsigned long twos)
{
	asm volatile("1:\tdec %0\n\tjnz 1b" : "+r" (twos) : : "cc");
}

#define PB_ARCH_TRAP		0xcc
/* A jump that replaced a probed instruction? */
static inline bool pb_arch_is_jump(const u8 *text)
{
	return text[0] == 0xe9;
}

/* endbr64, or the nop that sealing put there. */
#define PB_ARCH_ENDBR_SIZE	4

/*
 * Where the kernel's text and modules are. Reading any other address may fault
 * in ways that copy_from_kernel_nofault() warns of: before Linux 6.2 it takes
 * one that is not canonical.
 */
static inline bool pb_arch_is_text_address(unsigned long addr)
{
	return addr >= __START_KERNEL_map && addr < MODULES_END;
}

static inline bool pb_arch_is_endbr(const u8 *text)
{
	static const u8 forms[][PB_ARCH_ENDBR_SIZE] = {
		{ 0xf3, 0x0f, 0x1e, 0xfa },
		{ 0x66, 0x0f, 0x1f, 0x00 },
		{ 0x0f, 0x1f, 0x40, 0xd6 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(forms); i++)
		if (!memcmp(text, forms[i], sizeof(forms[i])))
			return true;
	return false;
}

/* On IBT kernels a kprobe on an entry moves past endbr64 (arch_adjust_kprobe_addr()). */
static inline unsigned long pb_arch_entry(unsigned long function)
{
	return pb_arch_is_endbr((const u8 *)function) ?
		function + PB_ARCH_ENDBR_SIZE : function;
}

static inline bool pb_arch_is_ftrace_nop(const u8 *text)
{
	static const u8 nops[][5] = {
		{ 0x0f, 0x1f, 0x44, 0x00, 0x00 },
		{ 0x66, 0x66, 0x66, 0x66, 0x90 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nops); i++)
		if (!memcmp(text, nops[i], sizeof(nops[i])))
			return true;
	return text[0] == 0xe8;
}

/* endbr64 and five bytes. */
#define PB_ARCH_FTRACE_SIZE	9

/*
 * Where ftrace patches the function that begins with @text at @addr, 0: nowhere.
 * Before Linux 5.13 the form of the nop depends on the CPU
 * (arch_init_ideal_nops()). When it is armed the five bytes are a call.
 */
static inline unsigned long pb_arch_ftrace_place(unsigned long addr, const u8 *text)
{
	unsigned int skip = pb_arch_is_endbr(text) ? PB_ARCH_ENDBR_SIZE : 0;

	return pb_arch_is_ftrace_nop(text + skip) ? addr + skip : 0;
}

/* arch/x86/kernel/kprobes/core.c boosts only without preemption. */
static inline bool pb_arch_boosts(void)
{
	return IS_ENABLED(CONFIG_KPROBES) && !IS_ENABLED(CONFIG_PREEMPTION);
}

static inline bool pb_arch_is_boostable(const struct kprobe *p)
{
	return p->ainsn.boostable;
}

/* Where the copy of the probed instruction lies; 0: there is none. */
static inline unsigned long pb_arch_slot(const struct kprobe *p)
{
	return (unsigned long)p->ainsn.insn;
}

/* The instruction emulation of Linux 5.13 came with a second trap; see Kbuild. */
#ifdef PB_HAVE_EMULATE_OP
#define PB_ARCH_EMULATES true

static inline bool pb_arch_is_emulated(const struct kprobe *p)
{
	return p->ainsn.emulate_op;
}

/*
 * Where a hit traps for the second time, in the slot behind the copied
 * instruction; 0: it does not.
 */
static inline unsigned long pb_arch_second_trap(const struct kprobe *p)
{
	unsigned long trap = (unsigned long)p->ainsn.insn + p->ainsn.size;

	if (!p->ainsn.insn || p->ainsn.emulate_op ||
	    *(const u8 *)trap != PB_ARCH_TRAP)
		return 0;
	return trap;
}
#else
#define PB_ARCH_EMULATES false

static inline bool pb_arch_is_emulated(const struct kprobe *p)
{
	return false;
}

/* It steps with the trap flag, and the kernel looks nothing up. */
static inline unsigned long pb_arch_second_trap(const struct kprobe *p)
{
	return 0;
}
#endif

/* Fenced on both sides: nothing measured moves out, nothing else moves in. */
static __always_inline u64 pb_arch_clock(void)
{
	u32 lo, hi;

	asm volatile("lfence\n\trdtsc\n\tlfence"
		     : "=a" (lo), "=d" (hi) : : "memory");
	return (u64)hi << 32 | lo;
}

static __always_inline u32 pb_arch_clock_khz(void)
{
	return tsc_khz;
}

#define PB_ARCH_HAS_COUNTERS	true
/* General and fixed counters of x86 PMUs since 2008 are 48 bits wide. */
#define PB_ARCH_COUNTER_MASK ((1ULL << 48) - 1)

static __always_inline u64 pb_arch_counter(const struct perf_event *event)
{
	u32 lo, hi;

	asm volatile("lfence\n\trdpmc\n\tlfence"
		     : "=a" (lo), "=d" (hi)
		     : "c" ((u32)event->hw.event_base_rdpmc) : "memory");
	return (u64)hi << 32 | lo;
}

static inline unsigned long pb_arch_debug_address(int n)
{
	unsigned long held = 0;

	switch (n) {
	case 0:
		get_debugreg(held, 0);
		break;
	case 1:
		get_debugreg(held, 1);
		break;
	case 2:
		get_debugreg(held, 2);
		break;
	case 3:
		get_debugreg(held, 3);
		break;
	}
	return held;
}

/* Does a debug register of this CPU stop at an instruction at @addr? */
static inline bool pb_arch_breaks_at(unsigned long addr)
{
	unsigned long dr7, type;
	int n;

	get_debugreg(dr7, 7);
	for (n = 0; n < HBP_NUM; n++) {
		type = dr7 >> (DR_CONTROL_SHIFT + n * DR_CONTROL_SIZE);
		if (dr7 & (3ul << (n * DR_ENABLE_SIZE)) &&
		    (type & 3) == DR_RW_EXECUTE &&
		    pb_arch_debug_address(n) == addr)
			return true;
	}
	return false;
}

#endif
