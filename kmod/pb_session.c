// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/string.h>

#include "pb_foreign.h"
#include "pb_session.h"
#include "pb_sites.h"
#include "pb_text.h"
#include "pb_window.h"
#include "pb_work.h"

int pb_session_select(struct pb_session *s, const struct pb_attach *req)
{
	const struct pb_mech_ops *mech;
	int err;

	if (req->flags || req->mechanism >= PB_NR_MECHANISMS ||
	    req->site >= PB_NR_SITES || req->handler >= PB_NR_HANDLERS)
		return -EINVAL;
	if (s->mech)
		return -EBUSY;
	mech = pb_mech_get(req->mechanism);
	if (!mech)
		return -EOPNOTSUPP;
	if (!(mech->sites & BIT(req->site)))
		return -EINVAL;

	err = pb_work_prepare(req);
	if (err)
		return err;
	memset(s, 0, sizeof(*s));
	s->site = req->site;
	s->handler = req->handler;
	s->patch_addr = mech->patch_addr(req->site);
	if (pb_text_copy(s->original, s->patch_addr, sizeof(s->original)) !=
	    sizeof(s->original))
		return -EFAULT;
	return 0;
}

int pb_session_attach(struct pb_session *s, const struct pb_attach *req)
{
	const struct pb_mech_ops *mech;
	int err;

	err = pb_session_select(s, req);
	if (err)
		return err;
	mech = pb_mech_get(req->mechanism);
	err = mech->arm(req->site, req->handler);
	if (err)
		return err;
	s->mech = mech;
	return 0;
}

int pb_session_detach(struct pb_session *s)
{
	if (!s->mech)
		return -ENOENT;
	s->mech->disarm();
	s->mech = NULL;
	return pb_text_wait(s->patch_addr, s->original, sizeof(s->original));
}

static void pb_session_look(struct pb_session *s, struct pb_evidence *ev)
{
	memset(ev, 0, sizeof(*ev));
	if (s->mech) {
		s->mech->evidence(ev);
		ev->flags |= PB_EV_ATTACHED;
	} else {
		pb_foreign_evidence(ev, s->patch_addr);
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
	int err;

	err = pb_session_detach(s);
	if (err)
		return err;
	err = mech->arm(s->site, handler);
	if (err)
		return err;
	s->mech = mech;
	s->handler = handler;
	return 0;
}

static int pb_session_use_handler(struct pb_session *s, u32 handler)
{
	int err;

	if (s->handler == handler)
		return 0;
	err = s->mech->set_handler(handler);
	if (err) {
		s->mech = NULL;	/* it could not attach again */
		return err;
	}
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
	return pb_window_run(s, w);
}
