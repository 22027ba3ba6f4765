/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that the module knows of arm64, as arch_x86.h has it of x86-64. There is
 * no jump in place of a probed instruction: a kprobe is always a trap, and what
 * the kernel does not simulate is stepped in a slot that ends in a second trap.
 */
#ifndef PB_ARCH_ARM64_H
#define PB_ARCH_ARM64_H

#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/perf_event.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/uaccess.h>

#include <asm/barrier.h>
#include <asm/hw_breakpoint.h>
#include <asm/memory.h>
#include <asm/pgtable.h>
#include <asm/sysreg.h>

#include "pb_loop.h"

/* Both are stepped. */
#define PB_INSN_MID		"movz w9, #0x6270"
#define PB_INSN_MID_BYTES	{ 0x09, 0x4e, 0x8c, 0x52 }
#define PB_INSN_MID_SIZE	4
#define PB_INSN_MID_OPCODE	0x52
#define PB_INSN_STEP		"eor w9, w9, w9"
#define PB_INSN_STEP_OPCODE	0x4a
/* A branch over nothing, which the kernel simulates. */
#define PB_INSN_JUMP		"b 2f\n2:"
#define PB_INSN_JUMP_OPCODE	0x14
/* The byte of an instruction that holds the opcode. */
#define PB_INSN_OPCODE_AT	3
/* Adds a number to operand 0. */
#define PB_INSN_ADD(n)		"add %0, %0, #" #n "\n"
/* Nothing in a function's length changes how it returns. */
#define PB_INSN_PAD		""
/* What these change. */
#define PB_INSN_CLOBBERS	"x9", "cc"

static inline bool pb_arch_has_instructions(void)
{
	return true;
}

/* Calls @fn so many times, once at least, with 0, 1, 2 and so on. */
#define pb_arch_call_times(fn, calls) do {				\
	register unsigned long wanted asm("x20") = (calls);		\
	register unsigned long made asm("x19") = 0;			\
									\
	asm volatile(PB_LOOP_TURN(#fn)					\
		     : "+r" (made) : "r" (wanted) : PB_LOOP_CLOBBERS);	\
} while (0)

/* So many instructions that do nothing, in twos. */
static __always_inline void pb_arch_idle(unsigned long twos)
{
	asm volatile("1:\tsubs %0, %0, #1\n\tb.ne 1b" : "+r" (twos) : : "cc");
}

/* Nothing takes a probed instruction's place by a jump. */
static inline bool pb_arch_is_jump(const u8 *text)
{
	return false;
}

/* A kprobe on an entry stays there: bti may be stepped. */
static inline unsigned long pb_arch_entry(unsigned long function)
{
	return function;
}

/*
 * Where the kernel's text and modules are: modules may be anywhere in the
 * vmalloc area, and the kernel's image is mapped there, too.
 */
static inline bool pb_arch_is_text_address(unsigned long addr)
{
	return addr >= MODULES_VADDR && addr < VMALLOC_END;
}

#define PB_ARM64_NOP		0xd503201f
#define PB_ARM64_BTI_C		0xd503245f
#define PB_ARM64_MOV_X9_LR	0xaa1e03e9
#define PB_ARM64_BL		0x25	/* upper six bits */

/* bti, two nops; the kernel makes the first nop a mov when the text is loaded. */
#define PB_ARCH_FTRACE_SIZE	12

/*
 * Where ftrace patches the function that begins with @text at @addr: the second
 * of two nops, which is a bl when it is armed. @addr may be that place itself.
 */
static inline unsigned long pb_arch_ftrace_place(unsigned long addr, const u8 *text)
{
	u32 words[3], before;
	int i;

	memcpy(words, text, sizeof(words));
	if ((words[0] == PB_ARM64_NOP || words[0] >> 26 == PB_ARM64_BL) &&
	    !copy_from_kernel_nofault(&before, (void *)(addr - 4), 4) &&
	    before == PB_ARM64_MOV_X9_LR)
		return addr;
	i = words[0] == PB_ARM64_BTI_C;
	if ((words[i] == PB_ARM64_NOP || words[i] == PB_ARM64_MOV_X9_LR) &&
	    (words[i + 1] == PB_ARM64_NOP || words[i + 1] >> 26 == PB_ARM64_BL))
		return addr + 4 * (i + 1);
	return 0;
}

static inline bool pb_arch_boosts(void)
{
	return false;
}

static inline bool pb_arch_is_boostable(const struct kprobe *p)
{
	return false;
}

/* Where the copy of the probed instruction lies; 0: it is simulated. */
static inline unsigned long pb_arch_slot(const struct kprobe *p)
{
#ifdef PB_HAVE_XOL_INSN
	return (unsigned long)p->ainsn.xol_insn;
#else
	return (unsigned long)p->ainsn.api.insn;
#endif
}

#define PB_ARCH_EMULATES true

static inline bool pb_arch_is_emulated(const struct kprobe *p)
{
	return !pb_arch_slot(p);
}

/* The second trap has an immediate of its own, and the kernel looks nothing up. */
static inline unsigned long pb_arch_second_trap(const struct kprobe *p)
{
	return 0;
}

/* Fenced on both sides: nothing measured moves out, nothing else moves in. */
static __always_inline u64 pb_arch_clock(void)
{
	u64 ticks;

	asm volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r" (ticks) : : "memory");
	return ticks;
}

static __always_inline u32 pb_arch_clock_khz(void)
{
	return read_sysreg(cntfrq_el0) / 1000;
}

/* The PMU's counters are not read here: which one perf has given is not in ->hw. */
#define PB_ARCH_HAS_COUNTERS	false
#define PB_ARCH_COUNTER_MASK	(~0ULL)

static __always_inline u64 pb_arch_counter(const struct perf_event *event)
{
	return 0;
}

#define PB_BREAKS_AT(n, addr)						\
	(read_sysreg(dbgbcr##n##_el1) & 1 && read_sysreg(dbgbvr##n##_el1) == (addr))

/* Does a debug register of this CPU stop at an instruction at @addr? Two at least are there. */
static inline bool pb_arch_breaks_at(unsigned long addr)
{
	return PB_BREAKS_AT(0, addr) || PB_BREAKS_AT(1, addr);
}

#endif
