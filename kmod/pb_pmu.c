// SPDX-License-Identifier: GPL-2.0-only
/*
 * perf_event_read_local() is not exported and costs hundreds of instructions;
 * the counters are read by the instruction for it, as perf's own user-space readers do. perf
 * owns them: it schedules them with the task, and ->hw says where they are.
 */
#include <linux/err.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "pb_arch.h"
#include "pb_pmu.h"

static struct perf_event *pb_pmu_cycles;
static struct perf_event *pb_pmu_instructions;

static struct perf_event *pb_pmu_create(u64 config)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = config,
		.pinned = 1,
	};

	return perf_event_create_kernel_counter(&attr, -1, current, NULL, NULL);
}

int pb_pmu_open(void)
{
	struct perf_event *event;

	if (!PB_ARCH_HAS_COUNTERS)
		return -EOPNOTSUPP;
	event = pb_pmu_create(PERF_COUNT_HW_CPU_CYCLES);
	if (IS_ERR(event))
		return PTR_ERR(event);
	pb_pmu_cycles = event;
	event = pb_pmu_create(PERF_COUNT_HW_INSTRUCTIONS);
	if (IS_ERR(event))
		goto close_cycles;
	pb_pmu_instructions = event;
	return 0;

close_cycles:
	pb_pmu_close();
	return PTR_ERR(event);
}

void pb_pmu_close(void)
{
	if (pb_pmu_cycles)
		perf_event_release_kernel(pb_pmu_cycles);
	if (pb_pmu_instructions)
		perf_event_release_kernel(pb_pmu_instructions);
	pb_pmu_cycles = NULL;
	pb_pmu_instructions = NULL;
}

static notrace bool pb_pmu_active(const struct perf_event *event)
{
	return event && event->state == PERF_EVENT_STATE_ACTIVE &&
	       event->oncpu == smp_processor_id() && event->hw.idx >= 0;
}

notrace void pb_pmu_read(struct pb_pmu_reading *reading)
{
	reading->valid = pb_pmu_active(pb_pmu_cycles) &&
			 pb_pmu_active(pb_pmu_instructions);
	if (!reading->valid)
		return;
	reading->cycles = pb_arch_counter(pb_pmu_cycles);
	reading->instructions = pb_arch_counter(pb_pmu_instructions);
}

bool pb_pmu_delta(const struct pb_pmu_reading *before,
		  const struct pb_pmu_reading *after,
		  u64 *cycles, u64 *instructions)
{
	if (!before->valid || !after->valid)
		return false;
	*cycles = (after->cycles - before->cycles) & PB_ARCH_COUNTER_MASK;
	*instructions = (after->instructions - before->instructions) &
			PB_ARCH_COUNTER_MASK;
	return true;
}
