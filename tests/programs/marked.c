/* SPDX-License-Identifier: MIT */
/*
 * Marks its operations, of which each calls getppid once: marked [OPERATIONS [CALLS_BETWEEN]]
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probebench_op.h"

int main(int count, char **arguments)
{
	const long operations = count > 1 ? atol(arguments[1]) : 1000000;
	const long calls_between = count > 2 ? atol(arguments[2]) : 0;

	for (long i = 0; i < operations; i++) {
		probebench_op_begin();
		syscall(SYS_getppid);
		probebench_op_end();
		for (long j = 0; j < calls_between; j++)
			syscall(SYS_getppid);
	}
	return 0;
}
