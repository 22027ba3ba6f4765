// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/string.h>

#include "pb_foreign.h"
#include "pb_session.h"
#include "pb_sites.h"
#include "pb_slot.h"
#include "pb_text.h"
#include "pb_window.h"
#include "pb_work.h"

static int pb_session_check(const struct pb_attach *req,
			    const struct pb_mech_ops **mech)
{
	if (req->flags || req->mechanism >= PB_NR_MECHANISMS ||
	    req->site >= PB_NR_SITES || req->handler >= PB_NR_HANDLERS)
		return -EINVAL;
	*mech = pb_mech_get(req->mechanism);
	if (!*mech)
		return -EOPNOTSUPP;
	return (*mech)->sites & BIT(req->site) ? 0 : -EINVAL;
}

/* Somebody else's probe had a slot in its own list here: its next one gets another. */
static u32 pb_session_make_room(const struct pb_session *s, u32 site)
{
	if (s->in_own_list && s->site == site)
		return s->slots_held + !pb_slot_hold();
	pb_slot_release();
	return 0;
}

int pb_session_select(struct pb_session *s, const struct pb_attach *req)
{
	const struct pb_mech_ops *mech;
	u32 slots_held;
	int err;

	if (s->mech)
		return -EBUSY;
	err = pb_session_check(req, &mech);
	if (!err)
		err = pb_work_prepare(req);
	if (err)
		return err;
	slots_held = pb_session_make_room(s, req->site);
	memset(s, 0, sizeof(*s));
	s->site = req->site;
	s->slots_held = slots_held;
	s->handler = req->handler;
	s->patch_addr = mech->patch_addr(req->site);
	if (pb_text_copy(s->original, s->patch_addr, sizeof(s->original)) !=
	    sizeof(s->original))
		return -EFAULT;
	return 0;
}

static int pb_session_arm(struct pb_session *s, const struct pb_mech_ops *mech,
			  u32 handler)
{
	int err = mech->arm(mech, s->site, handler);

	if (err)
		return err;
	s->mech = mech;
	s->handler = handler;
	return 0;
}

/* A probe that refuses to go stays the session's: its handler is our text. */
static int pb_session_disarm(struct pb_session *s)
{
	int err = s->mech->disarm(s->mech);

	if (!err)
		s->mech = NULL;
	return err;
}

int pb_session_attach(struct pb_session *s, const struct pb_attach *req)
{
	int err = pb_session_select(s, req);

	if (err)
		return err;
	return pb_session_arm(s, pb_mech_get(req->mechanism), req->handler);
}

int pb_session_detach(struct pb_session *s)
{
	int err;

	if (!s->mech)
		return -ENOENT;
	err = pb_session_disarm(s);
	if (err)
		return err;
	return pb_text_wait(s->patch_addr, s->original, sizeof(s->original));
}

/* Once somebody else's probe has a good slot, nothing has to be held for it. */
static void pb_session_look_at_foreign(struct pb_session *s, struct pb_evidence *ev)
{
	pb_foreign_evidence(ev, s->patch_addr);
	if (!(ev->flags & PB_EV_KPROBE))
		return;
	s->in_own_list = ev->flags & PB_EV_OWN_LIST;
	if (!s->in_own_list)
		pb_slot_release();
}

static void pb_session_look(struct pb_session *s, struct pb_evidence *ev)
{
	memset(ev, 0, sizeof(*ev));
	if (s->mech) {
		s->mech->evidence(ev);
		ev->flags |= PB_EV_ATTACHED;
	} else {
		pb_session_look_at_foreign(s, ev);
	}
}

int pb_session_evidence(struct pb_session *s, struct pb_evidence *ev)
{
	if (ev->reserved || ev->when > PB_EVIDENCE_WINDOW)
		return -EINVAL;
	if (ev->when == PB_EVIDENCE_WINDOW)
		*ev = s->last;
	else
		pb_session_look(s, ev);
	ev->slots_held += s->slots_held;
	return 0;
}

/*
 * Registers the probe anew and returns at once: a site prepared for
 * optimization stays an int3 with a detour until the optimizer's next pass,
 * several jiffies later.
 */
static int pb_session_rearm(struct pb_session *s, u32 handler)
{
	const struct pb_mech_ops *mech = s->mech;
	int err = pb_session_detach(s);

	return err ? err : pb_session_arm(s, mech, handler);
}

static int pb_session_use_handler(struct pb_session *s, u32 handler)
{
	if (s->handler == handler)
		return 0;
	if (!s->mech->set_handler)
		return pb_session_rearm(s, handler);
	s->mech->set_handler(s->mech, handler);
	s->handler = handler;
	return 0;
}

int pb_session_window(struct pb_session *s, struct pb_window *w)
{
	int err;

	if (!s->patch_addr)
		return -ENOENT;	/* nothing selected */
	err = pb_window_check(s, w);
	if (err)
		return err;
	if (w->flags & PB_WIN_REARM)
		err = pb_session_rearm(s, w->handler);
	else if (s->mech)
		err = pb_session_use_handler(s, w->handler);
	if (err)
		return err;
	pb_work_begin(w->handler);
	err = pb_window_bound(s, w);
	return err ? err : pb_window_run(s, w);
}
