// SPDX-License-Identifier: GPL-2.0-only
/*
 * The measured loop. Preemption is off as well as interrupts: with only
 * interrupts off, a pending reschedule adds instructions to each
 * preempt_enable() on the probe path.
 */
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "pb_arch.h"
#include "pb_crew.h"
#include "pb_handlers.h"
#include "pb_marker.h"
#include "pb_pmu.h"
#include "pb_sites.h"
#include "pb_text.h"
#include "pb_window.h"

notrace u64 pb_clock(void)
{
	return pb_arch_clock();
}

static DEFINE_PER_CPU(u64, pb_quiet_ends);

u64 pb_ticks_of_ns(u64 ns)
{
	return mul_u64_u32_div(ns, pb_arch_clock_khz(), 1000000);
}

u64 pb_quiet_limit(void)
{
	return pb_ticks_of_ns(PB_MAX_WINDOW_NS);
}

void pb_quiet_begin(void)
{
	this_cpu_write(pb_quiet_ends, pb_clock() + pb_quiet_limit());
}

void pb_quiet_finish(void)
{
	this_cpu_write(pb_quiet_ends, 0);
}

notrace u64 pb_quiet_end(void)
{
	return this_cpu_read(pb_quiet_ends);
}
NOKPROBE_SYMBOL(pb_quiet_end);

/* What a call costs depends on the handler, unless it is the twin's. */
static u64 *pb_window_estimate(struct pb_session *s, const struct pb_window *w)
{
	u32 handler = w->subject == PB_SUBJECT_TWIN ? 0 : w->handler;

	return &s->ticks_per_call[w->subject][handler];
}

void pb_window_forget(struct pb_session *s)
{
	memset(s->ticks_per_call, 0, sizeof(s->ticks_per_call));
}

/* An estimate is of what is armed: other text at the site, and none is known. */
static void pb_window_forget_old(struct pb_session *s)
{
	u8 now[PB_WINDOW_SITE_BYTES];

	pb_text_copy(now, s->patch_addr, sizeof(now));
	if (!memcmp(now, s->estimated, sizeof(now)))
		return;
	memcpy(s->estimated, now, sizeof(now));
	pb_window_forget(s);
}

int pb_window_check(const struct pb_session *s, const struct pb_window *w)
{
	if (w->subject > PB_SUBJECT_TWIN || w->handler >= PB_NR_HANDLERS ||
	    (w->flags & ~(PB_WIN_REARM | PB_WIN_COLD | PB_WIN_MARKED)) ||
	    !w->calls || w->calls > PB_MAX_CALLS || w->cpus > PB_MAX_CPUS ||
	    w->reserved)
		return -EINVAL;
	return (w->flags & PB_WIN_REARM) && !s->mech ? -ENOENT : 0;
}

int pb_window_bound(struct pb_session *s, const struct pb_window *w)
{
	u64 known;

	pb_window_forget_old(s);
	if (w->calls <= PB_PROBATION_CALLS)
		return 0;
	known = *pb_window_estimate(s, w);
	if (!known)
		return -ENODATA;
	return known > div_u64(pb_quiet_limit(), w->calls) ? -E2BIG : 0;
}

/*
 * The cheapest full window says what a call costs: whatever makes another one
 * dearer (cold caches, an SMI, a stolen CPU) comes from outside.
 */
static void pb_window_learn(struct pb_session *s, const struct pb_window *w)
{
	u64 per_call = div_u64(w->ticks, w->calls) + 1;
	u64 *known = pb_window_estimate(s, w);

	if (w->calls >= PB_PROBATION_CALLS && (!*known || per_call < *known))
		*known = per_call;
}

typedef void (*pb_loop_fn)(u32 calls);

static void pb_window_timed(pb_loop_fn loop, struct pb_window *w)
{
	struct pb_pmu_reading before, after;
	u64 start;

	pb_pmu_read(&before);
	/* Outside what is timed, and around the one call of the loop: a stack
	 * that a handler saves costs by its return addresses.
	 */
	if (w->flags & PB_WIN_MARKED)
		PB_MARK(PB_MARKER_BEGIN);
	start = pb_clock();
	loop(w->calls);
	w->ticks = pb_clock() - start;
	if (w->flags & PB_WIN_MARKED)
		PB_MARK(PB_MARKER_END);
	pb_pmu_read(&after);
	if (pb_pmu_delta(&before, &after, &w->cycles, &w->instructions))
		w->status |= PB_WIN_PMU;
}

/* Everything that must happen on one CPU, undisturbed. */
static void pb_window_alone(struct pb_window *w, pb_loop_fn loop)
{
	unsigned long flags;
	u64 hits, hits_all;

	local_irq_save(flags);
	pb_quiet_begin();
	w->cpu = smp_processor_id();
	if (!(w->flags & PB_WIN_COLD))
		loop(PB_WARMUP_CALLS);
	hits_all = pb_hits_all();
	hits = pb_hits_on(w->cpu);
	pb_window_timed(loop, w);
	w->hits = pb_hits_on(w->cpu) - hits;
	w->hits_elsewhere = pb_hits_all() - hits_all - w->hits;
	pb_quiet_finish();
	local_irq_restore(flags);
}

static int pb_window_undisturbed(struct pb_session *s, struct pb_window *w)
{
	const struct pb_site_ops *site = pb_site_get(s->site);
	pb_loop_fn loop = w->subject == PB_SUBJECT_TWIN ?
		site->twin_loop : site->site_loop;
	int err = 0;

	pb_text_copy(w->site_before, s->patch_addr, sizeof(w->site_before));
	if (w->cpus > 1)
		err = pb_crew_run(w, loop);
	else
		pb_window_alone(w, loop);
	pb_text_copy(w->site_after, s->patch_addr, sizeof(w->site_after));
	if (s->mech && w->subject == PB_SUBJECT_SITE) {
		memset(&s->last, 0, sizeof(s->last));
		s->mech->evidence(&s->last);
	}
	return err;
}

int pb_window_run(struct pb_session *s, struct pb_window *w)
{
	struct pb_evidence before = {};
	int err;

	w->status = 0;
	w->missed = 0;
	w->cycles = 0;
	w->instructions = 0;
	if (s->mech)
		s->mech->evidence(&before);
	preempt_disable();
	err = pb_window_undisturbed(s, w);
	preempt_enable();
	if (err)
		return err;
	if (s->mech && w->subject == PB_SUBJECT_SITE)
		w->missed = s->last.nmissed - before.nmissed;
	if (w->ticks > pb_quiet_limit())
		w->status |= PB_WIN_OVERRUN;
	pb_window_learn(s, w);
	return 0;
}
