/* SPDX-License-Identifier: MIT */
/*
 * Marks the operations of a program, for `run-bench cost --workload './program ARGS'` to count the
 * instructions of each rather than those of a whole run:
 *
 *	#include "probebench_op.h"
 *
 *	for (int i = 0; i < 1000000; i++) {
 *		probebench_op_begin();
 *		read(fd, buffer, size);		// what is measured
 *		probebench_op_end();
 *	}
 *
 * Make more operations than will be measured, some ten thousand: the program is ended when all is known.
 * One thread may mark. Anywhere else than in probebench's machine the two calls do nothing: each is a test of
 * a variable, and the first one also a look at the environment. C99 or C++, Linux on x86-64 or arm64, no
 * library.
 */
#ifndef PROBEBENCH_OP_H
#define PROBEBENCH_OP_H

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "probebench_op.h knows the clocks of x86-64 and arm64 only"
#endif

#include <limits.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROBEBENCH_OP_VARIABLE "PROBEBENCH_OPS" /* its value: a descriptor of struct probebench_ops */
#define PROBEBENCH_OP_ABI 1

/* What the program and the one who measures it share. */
struct probebench_ops {
  uint32_t abi;     /* PROBEBENCH_OP_ABI once the program marks; a futex */
  uint32_t allowed; /* so many operations may begin since the start; a futex that the program waits on */
  uint32_t done;    /* so many have ended; a futex, woken when as many are done as are allowed */
  uint32_t failure; /* errno of what could not be started */
  uint64_t ticks;   /* of the clock between begin and end, of all that have ended */
  uint64_t begun;   /* the clock when the last one began */
};

static struct probebench_ops* probebench_ops_shared;
static int probebench_ops_looked;

static inline uint64_t probebench_op_clock(void) {
#if defined(__aarch64__)
  uint64_t ticks;

  __asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(ticks) : : "memory");
  return ticks;
#else
  uint32_t low, high;

  __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
  return (uint64_t)high << 32 | low;
#endif
}

static inline void probebench_op_futex(uint32_t* word, int operation, uint32_t value) {
  syscall(SYS_futex, word, operation, value, (void*)0, (void*)0, 0);
}

static inline void probebench_op_look(void) {
  const char* descriptor = getenv(PROBEBENCH_OP_VARIABLE);
  void* page;

  probebench_ops_looked = 1;
  if (!descriptor) return;
  page =
      mmap((void*)0, sizeof(struct probebench_ops), PROT_READ | PROT_WRITE, MAP_SHARED, atoi(descriptor), 0);
  if (page == MAP_FAILED) return;
  probebench_ops_shared = (struct probebench_ops*)page;
  __atomic_store_n(&probebench_ops_shared->abi, PROBEBENCH_OP_ABI, __ATOMIC_RELEASE);
  probebench_op_futex(&probebench_ops_shared->abi, FUTEX_WAKE, INT_MAX);
}

static inline void probebench_op_wait(struct probebench_ops* ops) {
  uint32_t allowed = __atomic_load_n(&ops->allowed, __ATOMIC_ACQUIRE);

  while (allowed == ops->done) {
    probebench_op_futex(&ops->allowed, FUTEX_WAIT, allowed);
    allowed = __atomic_load_n(&ops->allowed, __ATOMIC_ACQUIRE);
  }
}

static inline void probebench_op_begin(void) {
  if (!probebench_ops_looked) probebench_op_look();
  if (!probebench_ops_shared) return;
  probebench_op_wait(probebench_ops_shared);
  probebench_ops_shared->begun = probebench_op_clock();
}

static inline void probebench_op_end(void) {
  struct probebench_ops* ops = probebench_ops_shared;

  if (!ops) return;
  ops->ticks += probebench_op_clock() - ops->begun;
  __atomic_store_n(&ops->done, ops->done + 1, __ATOMIC_RELEASE);
  if (ops->done == __atomic_load_n(&ops->allowed, __ATOMIC_ACQUIRE))
    probebench_op_futex(&ops->done, FUTEX_WAKE, INT_MAX);
}

#endif
