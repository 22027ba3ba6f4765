/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Marker instructions: nops that no compiler emits, executed just before and
 * just after a loop of calls whose path shall be recorded. The plugin in
 * harness/host/vm/plugin looks for them; without it they do nothing. Only
 * windows that ask for it execute them, so no other window's count changes.
 *
 * The plugin looks at no instruction until it is woken, nor after it was put
 * to sleep again: being looked at makes everything several times slower. It
 * begins and ends to look a moment after the marker, not with it.
 */
#ifndef PROBEBENCH_MARKER_H
#define PROBEBENCH_MARKER_H

/* On x86-64 displacements of nopl disp32(%rax), whose seven bytes are 0f 1f 80 <disp32>. */
#define PB_MARKER_BEGIN	0x70620b01
#define PB_MARKER_END	0x70620b02
#define PB_MARKER_WAKE	0x70620b03
#define PB_MARKER_SLEEP	0x70620b04

/* On arm64 movz xzr, #immediate, the marker's lower half: d2800000 | immediate << 5 | 31. */
#define PB_MARKER_WORD(marker)	(0xd280001fu | ((marker) & 0xffffu) << 5)

#if defined(__aarch64__)
#define PB_MARK(marker)							\
	__asm__ volatile(".inst %c0"					\
			 : : "i" (PB_MARKER_WORD(marker)) : "memory")
#else
#define PB_MARK(marker)							\
	__asm__ volatile(".byte 0x0f, 0x1f, 0x80\n\t.long %c0"		\
			 : : "i" (marker) : "memory")
#endif

#endif
