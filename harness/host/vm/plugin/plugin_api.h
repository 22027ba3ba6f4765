/* SPDX-License-Identifier: MIT */
/*
 * The part of QEMU's TCG plugin interface that the path plugin uses. Debian packages no header for it, so the
 * declarations are made here, from QEMU's documentation of the interface (docs/devel/tcg-plugins.rst).
 *
 * A plugin exports the version it was built for, and QEMU refuses one that is not between the oldest and the
 * newest it knows: 1 is that of QEMU 6.0 to 8.2, 2 of 9.0, 3 and newer of 9.1 and newer, which take 2 as
 * well. Version 3 changed how the bytes of an instruction are asked for; the rest is the same in all.
 */
#ifndef PROBEBENCH_PLUGIN_API_H
#define PROBEBENCH_PLUGIN_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef PLUGIN_API_VERSION
#error "PLUGIN_API_VERSION: 1, 2 or 3"
#endif

#define PLUGIN_EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;

struct qemu_plugin_tb;
struct qemu_plugin_insn;

/* What QEMU tells a plugin at its start; longer than this. */
typedef struct {
  const char* target_name;
  struct {
    int min;
    int cur;
  } version;
  bool system_emulation;
} qemu_info_t;

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };

typedef void (*qemu_plugin_vcpu_udata_cb_t)(unsigned int vcpu_index, void* userdata);
typedef void (*qemu_plugin_vcpu_tb_trans_cb_t)(qemu_plugin_id_t id, struct qemu_plugin_tb* tb);
typedef void (*qemu_plugin_simple_cb_t)(qemu_plugin_id_t id);
typedef void (*qemu_plugin_udata_cb_t)(qemu_plugin_id_t id, void* userdata);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_tb_trans_cb_t cb);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn* insn, qemu_plugin_vcpu_udata_cb_t cb,
                                            enum qemu_plugin_cb_flags flags, void* userdata);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, qemu_plugin_udata_cb_t cb, void* userdata);
/*
 * Takes away what the plugin has registered, throws away what was translated, and then calls `cb`, all when
 * no CPU executes anything.
 */
void qemu_plugin_reset(qemu_plugin_id_t id, qemu_plugin_simple_cb_t cb);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* tb);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb* tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn* insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn* insn);
#if PLUGIN_API_VERSION >= 3
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn* insn, void* dest, size_t len);
#else
const void* qemu_plugin_insn_data(const struct qemu_plugin_insn* insn);
#endif

/* What QEMU looks for in a plugin. */
extern PLUGIN_EXPORT int qemu_plugin_version;
PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc, char** argv);

#endif
