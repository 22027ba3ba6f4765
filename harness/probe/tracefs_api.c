/* SPDX-License-Identifier: MIT */
/* Declarations that disagree do not compile. */
#include "probe/tracefs_api.h"

#include <tracefs.h>
