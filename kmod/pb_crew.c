// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other CPUs are called by an interrupt, so the loop runs there with
 * interrupts off as well. All wait for the last to come, so that every call is
 * made beside others; no PMU is read.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include <asm/processor.h>

#include "pb_arch.h"
#include "pb_crew.h"
#include "pb_handlers.h"
#include "pb_window.h"

/* A CPU that is busy with interrupts off comes late; a lost one never does. */
#define PB_CREW_WAIT_MS		100

struct pb_crew_member {
	unsigned int cpu;
	u64 start;
	u64 end;
	u64 hits;		/* in the timed loop */
	u64 hits_all;		/* and in the calls that warm up */
};

struct pb_crew {
	void (*loop)(u32 calls);
	u32 calls;
	u32 warmup_calls;
	u32 size;
	atomic_t missing;	/* members that have yet to come */
	atomic_t late;		/* members that have given up waiting */
	struct pb_crew_member members[PB_MAX_CPUS];
};

static int pb_crew_choose(struct pb_crew *crew, struct cpumask *mask)
{
	unsigned int own = smp_processor_id();
	unsigned int n = 0;
	int cpu;

	cpumask_clear(mask);
	crew->members[n++].cpu = own;
	for_each_online_cpu(cpu)
		if (cpu != own && n < crew->size)
			crew->members[n++].cpu = cpu;
	if (n < crew->size)
		return -ENXIO;
	while (n)
		cpumask_set_cpu(crew->members[--n].cpu, mask);
	return 0;
}

static struct pb_crew_member *pb_crew_self(struct pb_crew *crew)
{
	struct pb_crew_member *m = crew->members;

	while (m->cpu != smp_processor_id())
		m++;
	return m;
}

static bool pb_crew_complete(struct pb_crew *crew)
{
	u64 end = pb_clock() + (u64)pb_arch_clock_khz() * PB_CREW_WAIT_MS;

	atomic_dec(&crew->missing);
	while (atomic_read(&crew->missing)) {
		if (pb_clock() > end)
			return false;
		cpu_relax();
	}
	return true;
}

static void pb_crew_call(void *data)
{
	struct pb_crew *crew = data;
	struct pb_crew_member *m = pb_crew_self(crew);
	u64 before = pb_hits_on(m->cpu);
	u64 warm;

	if (crew->warmup_calls)
		crew->loop(crew->warmup_calls);
	warm = pb_hits_on(m->cpu);
	if (!pb_crew_complete(crew)) {
		atomic_inc(&crew->late);
		return;
	}
	m->start = pb_clock();
	crew->loop(crew->calls);
	m->end = pb_clock();
	m->hits = pb_hits_on(m->cpu) - warm;
	m->hits_all = pb_hits_on(m->cpu) - before;
}

static void pb_crew_report(const struct pb_crew *crew, u64 hits_all,
			   struct pb_window *w)
{
	u64 start = crew->members[0].start, end = crew->members[0].end;
	u32 i;

	w->hits = 0;
	w->hits_elsewhere = hits_all;
	for (i = 0; i < crew->size; i++) {
		const struct pb_crew_member *m = &crew->members[i];

		start = min(start, m->start);
		end = max(end, m->end);
		w->on[i].cpu = m->cpu;
		w->on[i].hits = m->hits;
		w->hits += m->hits;
		w->hits_elsewhere -= m->hits_all;
	}
	w->ticks = end - start;
	w->cpu = crew->members[0].cpu;
}

int pb_crew_run(struct pb_window *w, void (*loop)(u32 calls))
{
	cpumask_var_t mask;
	struct pb_crew *crew;
	u64 hits_all;
	int err = -ENOMEM;

	crew = kzalloc(sizeof(*crew), GFP_ATOMIC);
	if (!crew)
		return err;
	if (!zalloc_cpumask_var(&mask, GFP_ATOMIC))
		goto free_crew;
	crew->loop = loop;
	crew->calls = w->calls;
	crew->warmup_calls = w->flags & PB_WIN_COLD ? 0 : PB_WARMUP_CALLS;
	crew->size = w->cpus;
	atomic_set(&crew->missing, crew->size);
	err = pb_crew_choose(crew, mask);
	if (err)
		goto free_mask;
	hits_all = pb_hits_all();
	on_each_cpu_mask(mask, pb_crew_call, crew, true);
	if (atomic_read(&crew->late))
		err = -ETIMEDOUT;
	else
		pb_crew_report(crew, pb_hits_all() - hits_all, w);

free_mask:
	free_cpumask_var(mask);
free_crew:
	kfree(crew);
	return err;
}
