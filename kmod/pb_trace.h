/* SPDX-License-Identifier: GPL-2.0-only */
/* Two tracepoints of one class: the probe site's, and its twin's, which stays off. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM probebench

#if !defined(PB_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define PB_TRACE_H

#include <linux/tracepoint.h>

DECLARE_EVENT_CLASS(pb_call,
	TP_PROTO(unsigned long x),
	TP_ARGS(x),
	TP_STRUCT__entry(
		__field(unsigned long, x)
	),
	TP_fast_assign(
		__entry->x = x;
	),
	TP_printk("x=%lu", __entry->x)
);

DEFINE_EVENT(pb_call, pb_site_call,
	TP_PROTO(unsigned long x),
	TP_ARGS(x)
);

DEFINE_EVENT(pb_call, pb_twin_call,
	TP_PROTO(unsigned long x),
	TP_ARGS(x)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE pb_trace
#include <trace/define_trace.h>
