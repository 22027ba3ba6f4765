/* SPDX-License-Identifier: GPL-2.0-only */
/* The one attachment that the device's owner may have. */
#ifndef PB_SESSION_H
#define PB_SESSION_H

#include "pb_abi.h"
#include "pb_mech.h"

struct pb_session {
	const struct pb_mech_ops *mech;	/* NULL: nothing attached */
	u32 site;
	u32 handler;			/* the one armed now */
	u32 slots_held;			/* for somebody else's probe here */
	bool in_own_list;		/* somebody else's probe, seen last */
	unsigned long patch_addr;
	u8 original[PB_SITE_BYTES];
	u64 ticks_per_call[2][PB_NR_HANDLERS];	/* by subject; 0: unknown */
	u8 estimated[PB_WINDOW_SITE_BYTES];	/* the site's text that they are of */
	struct pb_evidence last;	/* as of the last window of the site */
};

/* Makes the request's site the session's; nothing may be attached. */
int pb_session_select(struct pb_session *s, const struct pb_attach *req);
int pb_session_attach(struct pb_session *s, const struct pb_attach *req);
/* Also waits until the original bytes are back. */
int pb_session_detach(struct pb_session *s);
int pb_session_evidence(struct pb_session *s, struct pb_evidence *ev);
int pb_session_window(struct pb_session *s, struct pb_window *w);

#endif
