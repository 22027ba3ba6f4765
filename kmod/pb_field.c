// SPDX-License-Identifier: GPL-2.0-only
/*
 * The field: a thousand functions with one probe site in each, one function
 * with many, and one that calls itself. What is armed there is somebody else's
 * business (pb_set.c); here are the operations that pass the sites, timed.
 */
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "pb_arch.h"
#include "pb_field.h"
#include "pb_handlers.h"
#include "pb_set.h"
#include "pb_sites.h"
#include "pb_window.h"

/* A hit without its handler, at most: a step under the slowest kernel is half of it. */
#define PB_FIELD_HIT_NS	1000
/* Instructions of a field function, each of which may have a probe. */
#define PB_FIELD_INSNS	8U

#define PB_FIELD_BODY(offset)				\
	asm volatile(PB_INSN_ADD(1)			\
		     "1:\t" PB_INSN_MID "\n\t"		\
		     PB_INSN_ADD(1)			\
		     offset				\
		     : "+r" (x) : : PB_INSN_CLOBBERS);	\
	return x

/* A thousand functions: every hexadecimal number of three digits below 400. */
#define PB_HEX1(m, p)	m(p##0) m(p##1) m(p##2) m(p##3) m(p##4) m(p##5) \
			m(p##6) m(p##7) m(p##8) m(p##9) m(p##a) m(p##b) \
			m(p##c) m(p##d) m(p##e) m(p##f)
#define PB_HEX2(m, p)	PB_HEX1(m, p##0) PB_HEX1(m, p##1) PB_HEX1(m, p##2) \
			PB_HEX1(m, p##3) PB_HEX1(m, p##4) PB_HEX1(m, p##5) \
			PB_HEX1(m, p##6) PB_HEX1(m, p##7) PB_HEX1(m, p##8) \
			PB_HEX1(m, p##9) PB_HEX1(m, p##a) PB_HEX1(m, p##b) \
			PB_HEX1(m, p##c) PB_HEX1(m, p##d) PB_HEX1(m, p##e) \
			PB_HEX1(m, p##f)
#define PB_FIELD_ALL(m)	PB_HEX2(m, 0) PB_HEX2(m, 1) PB_HEX2(m, 2) PB_HEX2(m, 3)

/*
 * The kernel searches a module's symbols one by one, several times for each
 * probe it registers. Call padding would give each function a second symbol.
 * With kCFI each has one in any case, and the type's hash is looked for on the
 * other side of the padding, which therefore has to be there.
 */
#if defined(CONFIG_CFI_CLANG) || defined(CONFIG_CFI)	/* renamed by Linux 6.18 */
#define PB_FIELD_PLAIN	notrace noinline __noclone
#else
#define PB_FIELD_PLAIN	notrace noinline __noclone \
			__attribute__((patchable_function_entry(0, 0)))
#endif

#define PB_FIELD_DEFINE(n)						\
static PB_FIELD_PLAIN unsigned long pb_field_##n(unsigned long x)	\
{									\
	PB_FIELD_BODY("");						\
}

PB_FIELD_ALL(PB_FIELD_DEFINE)

/* All functions have the same code, so this one's offset is theirs. */
extern const u32 pb_field_model_offset;
unsigned long pb_field_model(unsigned long x);
PB_FIELD_PLAIN unsigned long pb_field_model(unsigned long x)
{
	PB_FIELD_BODY(PB_EXPORT_OFFSET(pb_field_model));
}

typedef unsigned long (*pb_field_fn)(unsigned long x);

#define PB_FIELD_NAME(n)	pb_field_##n,

static const pb_field_fn pb_field[] = {
	PB_FIELD_ALL(PB_FIELD_NAME)
};

/* Sites one behind the other. */
extern const u32 pb_field_path_offset;
unsigned long pb_field_path(unsigned long x);
noinline __noclone unsigned long pb_field_path(unsigned long x)
{
	asm volatile(PB_INSN_ADD(1)
		     "1:\t.rept " __stringify(PB_FIELD_PATH) "\n\t"
		     PB_INSN_MID "\n\t"
		     ".endr\n\t"
		     PB_INSN_ADD(1)
		     PB_EXPORT_OFFSET(pb_field_path)
		     : "+r" (x) : : PB_INSN_CLOBBERS);
	return x;
}

/* Active @depth times at once when it is deepest. */
static noinline __noclone unsigned long pb_field_nest(unsigned long depth)
{
	unsigned long inner = depth > 1 ? pb_field_nest(depth - 1) : 0;

	asm volatile("" : "+r" (inner));	/* or it becomes a loop */
	return inner + 1;
}

static int pb_field_count(u32 layout)
{
	switch (layout) {
	case PB_FIELD_ON_FUNCTIONS:
		return PB_FIELD_FUNCTIONS;
	case PB_FIELD_ON_PATH:
		return PB_FIELD_PATH;
	case PB_FIELD_ON_NEST:
		return 1;
	}
	return 0;
}

static unsigned long pb_field_site(u32 layout, u32 i)
{
	switch (layout) {
	case PB_FIELD_ON_FUNCTIONS:
		return (unsigned long)pb_field[i] + pb_field_model_offset;
	case PB_FIELD_ON_PATH:
		return (unsigned long)pb_field_path + pb_field_path_offset +
			i * PB_INSN_MID_SIZE;
	}
	return (unsigned long)pb_field_nest;
}

/* The compiler might give a function other code than its neighbours. */
static bool pb_field_is_site(u32 layout, unsigned long addr)
{
	static const u8 want[] = PB_INSN_MID_BYTES;

	return layout == PB_FIELD_ON_NEST ||
	       !memcmp((const void *)addr, want, sizeof(want));
}

int pb_field_sites(const struct pb_field_sites *sites)
{
	u64 __user *to = (u64 __user *)(uintptr_t)sites->addresses;
	unsigned long addr;
	u32 i;

	BUILD_BUG_ON(ARRAY_SIZE(pb_field) != PB_FIELD_FUNCTIONS);
	if (sites->count > pb_field_count(sites->layout))
		return -EINVAL;
	for (i = 0; i < sites->count; i++) {
		addr = pb_field_site(sites->layout, i);
		if (!pb_field_is_site(sites->layout, addr))
			return -ENOEXEC;
		if (put_user((u64)addr, to + i))
			return -EFAULT;
	}
	return 0;
}

/* So many instructions, and two more. */
static __always_inline void pb_field_work(u32 instructions)
{
	if (instructions / 2)
		pb_arch_idle(instructions / 2);
}

static __always_inline u32 pb_field_calls(const struct pb_field_window *w, u32 at)
{
	u32 i;

	if (w->layout == PB_FIELD_ON_PATH) {
		for (i = 0; i < w->calls; i++)
			pb_field_path(i);
	} else if (w->layout == PB_FIELD_ON_NEST) {
		pb_field_nest(w->calls);
	} else {
		for (i = 0; i < w->calls; i++) {
			pb_field[at](i);
			at = at + 1 == w->span ? 0 : at + 1;
		}
	}
	return at;
}

/*
 * Looks at the clock after every operation, so that interrupts are never off
 * for longer than allowed, by more than one operation. Returns those done.
 */
static noinline notrace u32 pb_field_loop(const struct pb_field_window *w, u64 end)
{
	u32 at = w->first;
	u32 i;

	for (i = 0; i < w->ops; i++) {
		if (pb_clock() > end)
			break;
		pb_field_work(w->work);
		at = pb_field_calls(w, at);
	}
	return i;
}

/* An operation's hits, at most: probes may be on other instructions than the sites. */
static u32 pb_field_hits(const struct pb_set_state *set, const struct pb_field_window *w)
{
	u32 sites = w->layout == PB_FIELD_ON_PATH ? PB_FIELD_PATH : PB_FIELD_INSNS;

	return set->armed ? w->calls * min(set->request.count, sites) : 0;
}

/* An operation is not interrupted: what it may take is known before. */
static bool pb_field_fits(const struct pb_set_state *set, const struct pb_field_window *w)
{
	u64 hit = pb_ticks_of_ns(PB_FIELD_HIT_NS) + set->handler_ticks;

	return pb_field_hits(set, w) * hit <= pb_ticks_of_ns(PB_FIELD_MAX_OP_NS);
}

static int pb_field_check(const struct pb_field_window *w)
{
	bool on_functions = w->layout == PB_FIELD_ON_FUNCTIONS;

	if (!pb_field_count(w->layout) || w->reserved ||
	    w->calls > PB_FIELD_MAX_CALLS || w->work > PB_FIELD_MAX_WORK)
		return -EINVAL;
	if (on_functions && (!w->span || w->span > PB_FIELD_FUNCTIONS ||
			     w->first >= w->span))
		return -EINVAL;
	if (w->layout == PB_FIELD_ON_NEST && !w->calls)
		return -EINVAL;
	return 0;
}

int pb_field_window(const struct pb_set_state *set, struct pb_field_window *w)
{
	unsigned long flags;
	u64 start, hits, hits_all;
	int err = pb_field_check(w);

	if (err)
		return err;
	if (!pb_field_fits(set, w))
		return -E2BIG;
	preempt_disable();
	local_irq_save(flags);
	pb_quiet_begin();
	w->cpu = smp_processor_id();
	hits_all = pb_hits_all();
	hits = pb_hits_on(w->cpu);
	start = pb_clock();
	w->done = pb_field_loop(w, start + pb_quiet_limit());
	w->ticks = pb_clock() - start;
	w->hits = pb_hits_on(w->cpu) - hits;
	w->hits_elsewhere = pb_hits_all() - hits_all - w->hits;
	pb_quiet_finish();
	local_irq_restore(flags);
	preempt_enable();
	return 0;
}

/* As a kprobe would call it. Ends early when interrupts were off long enough. */
static u32 pb_field_call(u32 handler, u32 calls, u64 *ticks)
{
	static struct kprobe nobody;
	static struct pt_regs regs;
	kprobe_pre_handler_t call = READ_ONCE(pb_handler_get(handler)->kprobe_pre);
	unsigned long flags;
	u64 start, end;
	u32 i;

	preempt_disable();
	local_irq_save(flags);
	pb_quiet_begin();
	start = pb_clock();
	end = start + pb_quiet_limit();
	for (i = 0; i < calls && pb_clock() <= end; i++)
		call(&nobody, &regs);
	*ticks = pb_clock() - start;
	pb_quiet_finish();
	local_irq_restore(flags);
	preempt_enable();
	return i;
}

u64 pb_field_handler_ticks(u32 handler)
{
	u64 ticks;

	pb_field_call(handler, 1, &ticks);	/* finds caches cold */
	pb_field_call(handler, 1, &ticks);
	return ticks;
}

/* What a handler costs by itself. */
int pb_field_handler(struct pb_field_handler *h)
{
	if (h->handler >= PB_NR_HANDLERS || h->reserved)
		return -EINVAL;
	h->done = pb_field_call(h->handler, h->calls, &h->ticks);
	return 0;
}
