// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pb_arch.h"
#include "pb_handlers.h"
#include "pb_selftest.h"
#include "pb_session.h"
#include "pb_sites.h"
#include "pb_text.h"
#include "pb_window.h"

#define PB_SELFTEST_CALLS 10

static void pb_expect(struct pb_selftest *t, bool ok, const char *what,
		      const char *which)
{
	t->checks++;
	if (ok)
		return;
	if (!t->failures)
		snprintf(t->first_failure, sizeof(t->first_failure), "%s: %s",
			 which, what);
	t->failures++;
}

static void pb_selftest_site(struct pb_selftest *t, u32 site)
{
	const struct pb_site_ops *ops = pb_site_get(site);
	unsigned long x;
	u8 opcode = 0;

	for (x = 0; x < 3; x++) {
		pb_expect(t, ops->site(x) == x + 2, "site's value", ops->name);
		pb_expect(t, ops->twin(x) == x + 2, "twin's value", ops->name);
	}
	pb_text_copy(&opcode, pb_site_probe_addr(site) + PB_INSN_OPCODE_AT, 1);
	if (ops->opcode)
		pb_expect(t, opcode == ops->opcode, "opcode", ops->name);
}

static void pb_selftest_addresses(struct pb_selftest *t)
{
	pb_expect(t, pb_site_ftrace_addr(PB_SITE_ENTRY), "ftrace nop", "entry");
	pb_expect(t, !pb_site_ftrace_addr(PB_SITE_NOTRACE), "no ftrace nop",
		  "notrace");
	pb_expect(t, pb_site_static_key_addr(), "jump label", "tracepoint");
}

static void pb_selftest_clock(struct pb_selftest *t)
{
	u64 first = pb_clock();
	u64 second = pb_clock();

	pb_expect(t, second > first, "advances", "clock");
}

static void pb_selftest_bounds(struct pb_selftest *t, struct pb_session *s)
{
	static const struct pb_window refused[] = {
		{ .calls = 0 },
		{ .calls = PB_MAX_CALLS + 1 },
		{ .calls = 1, .subject = PB_SUBJECT_TWIN + 1 },
		{ .calls = 1, .handler = PB_NR_HANDLERS },
		{ .calls = 1, .flags = ~0u },
	};
	struct pb_attach bad = { .mechanism = PB_NR_MECHANISMS };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(refused); i++)
		pb_expect(t, pb_window_check(s, &refused[i]) == -EINVAL,
			  "bad window refused", "bounds");
	pb_expect(t, pb_session_attach(s, &bad) == -EINVAL,
		  "bad mechanism refused", "bounds");
}

static void pb_selftest_hits(struct pb_selftest *t, struct pb_session *s,
			     u32 subject, u64 want, const char *name)
{
	struct pb_window w = {
		.subject = subject,
		.handler = PB_HANDLER_COUNT,
		.calls = PB_SELFTEST_CALLS,
	};
	int err = pb_session_window(s, &w);

	pb_expect(t, !err && w.hits == want && !w.missed, "hits", name);
}

static void pb_selftest_attach(struct pb_selftest *t, struct pb_session *s,
			       const struct pb_attach *req)
{
	const char *name = pb_mech_get(req->mechanism) ?
		pb_mech_get(req->mechanism)->name : NULL;
	u8 armed[PB_SITE_BYTES];

	if (!name)
		return;
	pb_expect(t, !pb_session_attach(s, req), "attach", name);
	if (!s->mech)
		return;
	pb_text_copy(armed, s->patch_addr, sizeof(armed));
	pb_expect(t, memcmp(armed, s->original, sizeof(armed)), "text patched",
		  name);
	pb_selftest_hits(t, s, PB_SUBJECT_SITE, PB_SELFTEST_CALLS, name);
	pb_selftest_hits(t, s, PB_SUBJECT_TWIN, 0, name);
	pb_expect(t, pb_session_attach(s, req) == -EBUSY, "second attach refused",
		  name);
	pb_expect(t, !pb_session_detach(s), "text restored", name);
	pb_selftest_hits(t, s, PB_SUBJECT_SITE, 0, name);
}

int pb_selftest_run(struct pb_selftest *result)
{
	static const struct pb_attach attached[] = {
		{ PB_MECH_KPROBE, PB_SITE_MID, PB_HANDLER_NOP, 0 },
		{ PB_MECH_FTRACE, PB_SITE_ENTRY, PB_HANDLER_COUNT, 0 },
		{ PB_MECH_TRACEPOINT, PB_SITE_TRACEPOINT, PB_HANDLER_NOP, 0 },
	};
	struct pb_session *s;
	unsigned int i;

	memset(result, 0, sizeof(*result));
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	for (i = 0; i < PB_NR_SITES; i++)
		pb_selftest_site(result, i);
	pb_selftest_addresses(result);
	pb_selftest_clock(result);
	pb_selftest_bounds(result, s);
	for (i = 0; i < ARRAY_SIZE(attached); i++)
		pb_selftest_attach(result, s, &attached[i]);
	kfree(s);
	return 0;
}
