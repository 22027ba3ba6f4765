/* SPDX-License-Identifier: MIT */
/* Declarations that disagree do not compile. */
#include "attach/tracefs_api.h"

#include <tracefs.h>
