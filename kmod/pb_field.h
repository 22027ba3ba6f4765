/* SPDX-License-Identifier: GPL-2.0-only */
/* Many probe sites, and operations that pass them (see pb_abi.h). */
#ifndef PB_FIELD_H
#define PB_FIELD_H

#include "pb_abi.h"

int pb_field_sites(const struct pb_field_sites *sites);
int pb_field_window(struct pb_field_window *w);
int pb_field_handler(struct pb_field_handler *h);

#endif
