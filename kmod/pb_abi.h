/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The control device's ABI: /dev/probebench, root only, one owner at a time.
 *
 * All structures have the same layout for 64-bit C and C++. Reserved fields
 * and unknown flags must be zero. A request is answered with 0 or -errno;
 * nothing is half done: a failed PB_IOC_ATTACH leaves nothing attached.
 * Closing the device detaches.
 */
#ifndef PROBEBENCH_ABI_H
#define PROBEBENCH_ABI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define PB_DEVICE_NAME "probebench"
#define PB_ABI_VERSION 4

/* How control is taken. The optimizer decides what a kprobe becomes. */
enum pb_mechanism {
  PB_MECH_KPROBE = 0,
  PB_MECH_KPROBE_POST,
  PB_MECH_KRETPROBE,
  PB_MECH_FPROBE_ENTRY,
  PB_MECH_FPROBE_EXIT,
  PB_MECH_FTRACE,
  PB_MECH_FTRACE_REGS,
  PB_MECH_TRACEPOINT,
  PB_NR_MECHANISMS
};

/* Probe sites; each has an unprobed twin with the same instructions. */
enum pb_site {
  PB_SITE_ENTRY = 0,    /* function entry with an ftrace location */
  PB_SITE_MID,          /* mid-body, boostable and optimizable */
  PB_SITE_MID_STEP,     /* mid-body, must be single-stepped */
  PB_SITE_MID_EMULATED, /* mid-body, a jump the kernel emulates */
  PB_SITE_NOTRACE,      /* entry of a notrace function */
  PB_SITE_TRACEPOINT,   /* static tracepoint */
  PB_NR_SITES
};

/* Each with the name of its work, see pb_work.h. */
#define PB_HANDLERS(X)                                                      \
  X(NOP, nop)                                                               \
  X(COUNT, count)         /* one per-CPU increment */                       \
  X(MAP, map)             /* look an address up in a hash map, increment */ \
  X(RECORD, record)       /* one 24-byte event into a ring buffer */        \
  X(STACK, stack)         /* save the kernel stack, 32 frames at most */    \
  X(STRING, string)       /* copy 32 bytes of user memory */                \
  X(DELAY, delay)         /* spin for delay_ns */                           \
  X(CHECKLIST, checklist) /* compare the address with a list of 32 */

#define PB_HANDLER_ID(ID, name) PB_HANDLER_##ID,
enum pb_handler { PB_HANDLERS(PB_HANDLER_ID) PB_NR_HANDLERS };
#undef PB_HANDLER_ID

/* What this kernel can do, as the module found when it was built and loaded. */
#define PB_FEATURE_KPROBES (1u << 0)
#define PB_FEATURE_KRETPROBES (1u << 1)
#define PB_FEATURE_OPTPROBES (1u << 2)
#define PB_FEATURE_ON_FTRACE (1u << 3) /* kprobes on ftrace */
#define PB_FEATURE_BOOST (1u << 4)     /* slots may jump back */
#define PB_FEATURE_EMULATE (1u << 5)   /* struct has emulate_op */
#define PB_FEATURE_FTRACE (1u << 6)
#define PB_FEATURE_FTRACE_REGS (1u << 7)
#define PB_FEATURE_FPROBE (1u << 8)
#define PB_FEATURE_TRACEPOINTS (1u << 9)
#define PB_FEATURE_PMU (1u << 10) /* hardware cycles counted */

struct pb_info {
  __u32 abi_version;
  __u32 features;        /* PB_FEATURE_* */
  __u32 max_calls;       /* largest pb_window.calls */
  __u32 max_window_ns;   /* interrupts stay off no longer than this */
  __u32 probation_calls; /* a window this short is never refused */
  __u32 warmup_calls;    /* before the clock starts, unless PB_WIN_COLD */
  __u64 tsc_khz;
};

/*
 * PB_IOC_SELECT makes a site the session's: windows may be run on it and its
 * text may be read with nothing attached. PB_IOC_ATTACH selects and attaches.
 */
struct pb_attach {
  __u32 mechanism;   /* enum pb_mechanism */
  __u32 site;        /* enum pb_site */
  __u32 handler;     /* enum pb_handler */
  __u32 flags;       /* must be 0 */
  __u32 delay_ns;    /* PB_HANDLER_DELAY: 100000 at most */
  __u32 reserved;    /* must be 0 */
  __u64 user_string; /* PB_HANDLER_STRING: 32 readable bytes */
};

#define PB_SITE_BYTES 16
#define PB_SLOT_BYTES 16
#define PB_DETOUR_BYTES 512

#define PB_EV_ATTACHED (1u << 0)   /* something of ours is attached */
#define PB_EV_SLOT (1u << 1)       /* slot[] is valid */
#define PB_EV_DETOUR (1u << 2)     /* detour[] is valid */
#define PB_EV_EMULATED (1u << 3)   /* the kernel emulates the instruction */
#define PB_EV_BOOSTABLE (1u << 4)  /* the kernel marked the slot boosted */
#define PB_EV_OPTIMIZED (1u << 5)  /* KPROBE_FLAG_OPTIMIZED */
#define PB_EV_FTRACE (1u << 6)     /* KPROBE_FLAG_FTRACE */
#define PB_EV_PREPARED (1u << 7)   /* a detour buffer is prepared */
#define PB_EV_KPROBE (1u << 8)     /* a struct kprobe was looked at */
#define PB_EV_BREAKPOINT (1u << 9) /* a debug register of this CPU holds the site */
#define PB_EV_OWN_LIST (1u << 10)  /* it steps in a slot whose trap is in the site's own list of kprobes */

#define PB_EVIDENCE_NOW 0    /* the text as it is now */
#define PB_EVIDENCE_WINDOW 1 /* as it was in the last window of the site */

/*
 * Addresses are kernel addresses of this boot. With nothing of ours attached,
 * the evidence is on whatever somebody else has put on the selected site.
 *
 * With PB_EV_OWN_LIST a hit's second look-up passes the probe's own entry, and
 * costs more. The module moves its own probe to another slot when it attaches.
 * Where somebody else's probe was seen so, it is removed, PB_IOC_SELECT of the
 * same site holds the slot that it had, and it is attached again.
 */
struct pb_evidence {
  __u32 when;     /* in: PB_EVIDENCE_* */
  __u32 reserved; /* must be 0 */
  __u32 flags;    /* out, as all below: PB_EV_* */
  __u32 site_len; /* valid bytes in site[] */
  __u32 slot_len;
  __u32 detour_len;
  __u64 site_addr; /* the first byte the mechanism patches */
  __u64 slot_addr;
  __u64 detour_addr;
  __u64 nmissed; /* the kernel's own count, 0 where it has none */
  __u32 slots_held; /* times that a slot was held, for the probe to get another */
  __u32 reserved2;
  __u8 site[PB_SITE_BYTES];
  __u8 slot[PB_SLOT_BYTES];
  __u8 detour[PB_DETOUR_BYTES];
};

#define PB_SUBJECT_SITE 0 /* call the probed function */
#define PB_SUBJECT_TWIN 1 /* call its unprobed twin */

/* pb_window.flags, in */
#define PB_WIN_REARM (1u << 0)  /* register anew just before the loop */
#define PB_WIN_COLD (1u << 1)   /* no warm-up calls before the clock starts */
#define PB_WIN_MARKED (1u << 2) /* between the markers of pb_marker.h */

/* pb_window.status, out */
#define PB_WIN_OVERRUN (1u << 0) /* longer than max_window_ns */
#define PB_WIN_PMU (1u << 1)     /* cycles and instructions are valid */

#define PB_WINDOW_SITE_BYTES 8
#define PB_MAX_CPUS 16

struct pb_cpu_hits {
  __u32 cpu;
  __u32 reserved;
  __u64 hits;
};

/*
 * One timed window: `calls` calls in a row with preemption and interrupts
 * off, clocks read once before and once after. A few calls that are neither
 * timed nor counted come first: patched text and a new trampoline make the
 * first hit dearer, and that is a measurement of its own (PB_WIN_COLD).
 *
 * The time with interrupts off is bounded beforehand: probation_calls calls
 * are always allowed. A longer window is refused with -ENODATA until one of
 * probation_calls or more, of this subject and handler, has shown what a call
 * costs, and with -E2BIG when it would then exceed max_window_ns. What was
 * shown is forgotten when something is armed, disarmed or given another
 * handler, and when the site's text is another one.
 * PB_HANDLER_DELAY spins no longer than until max_window_ns are over.
 *
 * With cpus > 1 so many CPUs each make `calls` calls at the same time, this
 * one and others: ticks are from the first one's begin to the last one's end,
 * hits are of all of them.
 */
struct pb_window {
  __u32 subject;                          /* in: PB_SUBJECT_* */
  __u32 handler;                          /* in: enum pb_handler, for this window */
  __u32 calls;                            /* in: 1..max_calls */
  __u32 flags;                            /* in: PB_WIN_* */
  __u64 ticks;                            /* out: TSC ticks */
  __u64 cycles;                           /* out: core cycles, PB_WIN_PMU */
  __u64 instructions;                     /* out: instructions, PB_WIN_PMU */
  __u64 hits;                             /* out: counted on this CPU */
  __u64 hits_elsewhere;                   /* out: counted on other CPUs meanwhile */
  __u64 missed;                           /* out: growth of the kernel's miss count */
  __u32 cpu;                              /* out */
  __u32 status;                           /* out: PB_WIN_OVERRUN, PB_WIN_PMU */
  __u8 site_before[PB_WINDOW_SITE_BYTES]; /* out: text, before */
  __u8 site_after[PB_WINDOW_SITE_BYTES];  /* out: text, after */
  __u32 cpus;                             /* in: that call at once; 0 or 1: this one */
  __u32 reserved;                         /* must be 0 */
  struct pb_cpu_hits on[PB_MAX_CPUS];     /* out: cpus > 1, this one first */
};

struct pb_selftest {
  __u32 checks;           /* out: checks made */
  __u32 failures;         /* out: checks that failed */
  char first_failure[56]; /* out: name of the first one, or "" */
};

/*
 * A probe set: many probes of one mechanism, at addresses that the owner
 * names. PB_IOC_SET_DEFINE registers them without arming any, PB_IOC_SET_ARM
 * arms all that could be registered, PB_IOC_SET_DISARM returns when all bytes
 * are back, PB_IOC_SET_CLEAR unregisters. A probe that is refused keeps its
 * errno and costs the others nothing. There is one set, and none while
 * something is attached. The handlers' arguments are shared with
 * PB_IOC_SELECT: whichever comes last counts.
 */
#define PB_MAX_SET 2048
#define PB_MAX_ACTIVE 4096
#define PB_MAX_INSTANCES (1u << 16) /* of all return probes of a set */

/* Instead of the handler: count, and count the hits of each probe by itself. */
#define PB_SET_TALLY (1u << 0)

/*
 * KPROBE, KPROBE_POST and KRETPROBE take any address of an instruction, FTRACE
 * that of a function or of the place that ftrace patches in it; it takes no handler that calls into the kernel
 * (record, stack, string): what these call may be probed as well.
 */
struct pb_set {
  __u32 mechanism;   /* enum pb_mechanism */
  __u32 handler;     /* enum pb_handler */
  __u32 flags;       /* PB_SET_TALLY */
  __u32 count;       /* 1..PB_MAX_SET */
  __u32 delay_ns;    /* PB_HANDLER_DELAY */
  __u32 maxactive;   /* PB_MECH_KRETPROBE: instances of each probe, 0..PB_MAX_ACTIVE; 0: the kernel's choice */
  __u64 user_string; /* PB_HANDLER_STRING */
  __u64 addresses;   /* where count of __u64 are */
};

/* PB_IOC_SET_HANDLER: another handler from the next hit on. */
struct pb_set_handler {
  __u32 handler; /* enum pb_handler */
  __u32 flags;   /* PB_SET_TALLY */
};

/* All of the set at a glance. Sites by the byte that is there now. */
struct pb_set_totals {
  __u32 probes;     /* defined */
  __u32 registered; /* of these */
  __u32 patched;    /* whose text is not the original */
  __u32 jumps;      /* that begin with a jmp */
  __u64 hits;       /* of PB_HANDLER_COUNT, since the module was loaded */
  __u64 tallied;    /* under PB_SET_TALLY, since the set was defined */
  __u64 missed;     /* the kernel's own count, since the set was defined */
};

enum pb_set_step { PB_SET_STEP_NONE = 0, PB_SET_STEP_REGISTER, PB_SET_STEP_ARM, PB_SET_STEP_DISARM };

struct pb_set_probe {
  __u64 address; /* the first byte that the mechanism patches */
  __u64 hits;    /* under PB_SET_TALLY */
  __u64 missed;
  __s32 error; /* 0, or -errno of the step */
  __u32 step;  /* enum pb_set_step */
  __u32 flags; /* PB_EV_* */
  __u32 reserved;
  __u8 original[PB_SITE_BYTES];
  __u8 now[PB_SITE_BYTES];
};

struct pb_set_read {
  __u32 first;
  __u32 count;
  __u64 probes; /* where count of struct pb_set_probe go */
};

/* What the steps of the last set cost, without waiting for text to come back. */
struct pb_set_ticks {
  __u64 add;
  __u64 arm;
  __u64 disarm;
  __u64 remove;
};

struct pb_set_evidence {
  __u32 index; /* in */
  __u32 reserved;
  struct pb_evidence evidence; /* out, but for `when` and `reserved`: must be 0 */
};

/*
 * The field: many sites in the module itself, all of the same instruction as
 * PB_SITE_MID, and operations that pass them.
 */
#define PB_FIELD_FUNCTIONS 1024
#define PB_FIELD_PATH 128
#define PB_FIELD_MAX_CALLS 256
#define PB_FIELD_MAX_WORK 200000
#define PB_FIELD_MAX_OP_NS 300000 /* that an operation's hits may take */

enum pb_field_layout {
  PB_FIELD_ON_FUNCTIONS = 0, /* PB_FIELD_FUNCTIONS functions with one site each */
  PB_FIELD_ON_PATH,          /* one function with PB_FIELD_PATH sites */
  PB_FIELD_ON_NEST,          /* one function that calls itself; its entry */
};

struct pb_field_sites {
  __u32 layout;    /* in: enum pb_field_layout */
  __u32 count;     /* in: of addresses wanted */
  __u64 addresses; /* in: where count of __u64 go */
};

/*
 * A timed window: operations in a row, with preemption and interrupts off, of
 * `work` instructions that do nothing and of calls. It ends early, between two
 * operations, when interrupts were off for max_window_ns. An operation that
 * alone might take longer than PB_FIELD_MAX_OP_NS, with the armed set's handler
 * as it was found to cost, is refused with -E2BIG.
 */
struct pb_field_window {
  __u32 layout; /* in: enum pb_field_layout */
  __u32 ops;    /* in: operations wanted */
  __u32 work;   /* in: 0..PB_FIELD_MAX_WORK */
  __u32 calls;  /* in: of an operation, 0..PB_FIELD_MAX_CALLS; on NEST: how deep */
  __u32 span;   /* in, on FUNCTIONS: the calls go round so many functions */
  __u32 first;  /* in, on FUNCTIONS: beginning with this one */
  __u32 done;   /* out: operations */
  __u32 cpu;    /* out */
  __u64 ticks;  /* out */
  __u64 hits;   /* out: of PB_HANDLER_COUNT on this CPU */
  __u64 hits_elsewhere; /* out */
  __u64 reserved;       /* must be 0 */
};

/* Calls of a handler by itself. PB_HANDLER_DELAY as it was prepared last. */
struct pb_field_handler {
  __u32 handler;  /* in: enum pb_handler */
  __u32 calls;    /* in */
  __u32 done;     /* out: calls */
  __u32 reserved; /* must be 0 */
  __u64 ticks;    /* out */
};

#define PB_IOC_MAGIC 0xB6
#define PB_IOC_INFO _IOR(PB_IOC_MAGIC, 0, struct pb_info)
#define PB_IOC_ATTACH _IOW(PB_IOC_MAGIC, 1, struct pb_attach)
#define PB_IOC_DETACH _IO(PB_IOC_MAGIC, 2)
#define PB_IOC_EVIDENCE _IOWR(PB_IOC_MAGIC, 3, struct pb_evidence)
#define PB_IOC_WINDOW _IOWR(PB_IOC_MAGIC, 4, struct pb_window)
#define PB_IOC_SELFTEST _IOR(PB_IOC_MAGIC, 5, struct pb_selftest)
#define PB_IOC_SELECT _IOW(PB_IOC_MAGIC, 6, struct pb_attach)
#define PB_IOC_SET_DEFINE _IOW(PB_IOC_MAGIC, 7, struct pb_set)
#define PB_IOC_SET_ARM _IO(PB_IOC_MAGIC, 8)
#define PB_IOC_SET_HANDLER _IOW(PB_IOC_MAGIC, 9, struct pb_set_handler)
#define PB_IOC_SET_TOTALS _IOR(PB_IOC_MAGIC, 10, struct pb_set_totals)
#define PB_IOC_SET_READ _IOW(PB_IOC_MAGIC, 11, struct pb_set_read)
#define PB_IOC_SET_EVIDENCE _IOWR(PB_IOC_MAGIC, 12, struct pb_set_evidence)
#define PB_IOC_SET_DISARM _IO(PB_IOC_MAGIC, 13)
#define PB_IOC_SET_CLEAR _IO(PB_IOC_MAGIC, 14)
#define PB_IOC_SET_TICKS _IOR(PB_IOC_MAGIC, 15, struct pb_set_ticks)
#define PB_IOC_FIELD_SITES _IOW(PB_IOC_MAGIC, 20, struct pb_field_sites)
#define PB_IOC_FIELD_WINDOW _IOWR(PB_IOC_MAGIC, 21, struct pb_field_window)
#define PB_IOC_FIELD_HANDLER _IOWR(PB_IOC_MAGIC, 22, struct pb_field_handler)

#endif
