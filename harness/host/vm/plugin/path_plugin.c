/* SPDX-License-Identifier: MIT */
/*
 * A QEMU TCG plugin that writes down every instruction executed between the two marker instructions of
 * kmod/pb_marker.h: "begin", one line "<address> <bytes>" for each in the order of execution, "end".
 *
 *   -plugin path-plugin-1.so,fd=NUMBER
 *
 * NUMBER is an open file, since QEMU may be a user who may open none. Without fd= the plugin says which versions of the plugin interface this QEMU has, and refuses to be loaded: so is
 * found out which of the builds fits.
 *
 * Asleep it only looks for the marker that wakes it, where code is translated: a boot takes no longer for it.
 * Instrumenting changes no count: QEMU counts guest instructions, and the callbacks are none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pb_marker.h"
#include "plugin_api.h"

#define MAX_INSN_BYTES 15
#define MARKER_BYTES 7
#define ARM64_BYTES 4

int qemu_plugin_version = PLUGIN_API_VERSION;

/* An instruction as it was translated; text that is patched is translated anew. */
struct step {
  uint64_t address;
  uint8_t size;
  uint8_t bytes[MAX_INSN_BYTES];
};

static FILE* out;
static bool recording;
static uint8_t marker_bytes = MARKER_BYTES;
static qemu_plugin_id_t own_id;

static void on_step(unsigned int vcpu_index, void* userdata) {
  const struct step* step = userdata;
  int i;

  (void)vcpu_index;
  if (!recording) return;
  fprintf(out, "%" PRIx64 " ", step->address);
  for (i = 0; i < step->size; i++) fprintf(out, "%02x", step->bytes[i]);
  fputc('\n', out);
}

/* A path that is cut would be read as another path; a QEMU that ends early is told with what it said. */
static void stop_unless_written(void) {
  if (!fflush(out) && !ferror(out)) return;
  perror("probebench path plugin: write the path");
  _exit(1);
}

static void on_begin(unsigned int vcpu_index, void* userdata) {
  (void)vcpu_index;
  (void)userdata;
  recording = true;
  fputs("begin\n", out);
}

static void on_end(unsigned int vcpu_index, void* userdata) {
  (void)vcpu_index;
  (void)userdata;
  recording = false;
  fputs("end\n", out);
  stop_unless_written();
}

static void awake(qemu_plugin_id_t id);
static void asleep(qemu_plugin_id_t id);

static void on_wake(unsigned int vcpu_index, void* userdata) {
  (void)vcpu_index;
  (void)userdata;
  qemu_plugin_reset(own_id, awake);
}

static void on_sleep(unsigned int vcpu_index, void* userdata) {
  (void)vcpu_index;
  (void)userdata;
  qemu_plugin_reset(own_id, asleep);
}

static void read_bytes(const struct qemu_plugin_insn* insn, struct step* step) {
#if PLUGIN_API_VERSION >= 3
  qemu_plugin_insn_data(insn, step->bytes, step->size);
#else
  memcpy(step->bytes, qemu_plugin_insn_data(insn), step->size);
#endif
}

/* A word of four bytes, the lowest first. */
static bool is_arm64_marker(const struct step* step, uint32_t marker) {
  uint32_t word = PB_MARKER_WORD(marker);
  int i;

  for (i = 0; i < ARM64_BYTES; i++, word >>= 8)
    if (step->bytes[i] != (uint8_t)word) return false;
  return step->size == ARM64_BYTES;
}

static bool is_marker(const struct step* step, uint32_t marker) {
  const uint8_t wanted[MARKER_BYTES] = {0x0f,
                                        0x1f,
                                        0x80,
                                        (uint8_t)marker,
                                        (uint8_t)(marker >> 8),
                                        (uint8_t)(marker >> 16),
                                        (uint8_t)(marker >> 24)};

  if (marker_bytes == ARM64_BYTES) return is_arm64_marker(step, marker);
  return step->size == MARKER_BYTES && !memcmp(step->bytes, wanted, MARKER_BYTES);
}

static qemu_plugin_vcpu_udata_cb_t callback_for(const struct step* step) {
  if (is_marker(step, PB_MARKER_BEGIN)) return on_begin;
  if (is_marker(step, PB_MARKER_SLEEP)) return on_sleep;
  return is_marker(step, PB_MARKER_END) ? on_end : on_step;
}

static void on_translation_asleep(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  size_t count = qemu_plugin_tb_n_insns(tb);
  size_t i;

  (void)id;
  for (i = 0; i < count; i++) {
    struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    struct step step = {.size = marker_bytes};

    if (qemu_plugin_insn_size(insn) != marker_bytes) continue;
    read_bytes(insn, &step);
    if (is_marker(&step, PB_MARKER_WAKE))
      qemu_plugin_register_vcpu_insn_exec_cb(insn, on_wake, QEMU_PLUGIN_CB_NO_REGS, NULL);
  }
}

/* The steps live as long as QEMU: a block that was translated may be executed at any later time. */
static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  size_t count = qemu_plugin_tb_n_insns(tb);
  struct step* steps = calloc(count, sizeof(*steps));
  size_t i;

  (void)id;
  if (!steps) abort();
  for (i = 0; i < count; i++) {
    struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    size_t size = qemu_plugin_insn_size(insn);

    steps[i].address = qemu_plugin_insn_vaddr(insn);
    steps[i].size = (uint8_t)(size < MAX_INSN_BYTES ? size : MAX_INSN_BYTES);
    read_bytes(insn, &steps[i]);
    qemu_plugin_register_vcpu_insn_exec_cb(insn, callback_for(&steps[i]), QEMU_PLUGIN_CB_NO_REGS, &steps[i]);
  }
}

static void on_end_of_qemu(qemu_plugin_id_t id, void* userdata) {
  (void)id;
  (void)userdata;
  if (fclose(out)) perror("probebench path plugin: write the path");
}

static void awake(qemu_plugin_id_t id) {
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_atexit_cb(id, on_end_of_qemu, NULL);
}

static void asleep(qemu_plugin_id_t id) {
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation_asleep);
  qemu_plugin_register_atexit_cb(id, on_end_of_qemu, NULL);
}

static const char* output_fd(int argc, char** argv) {
  int i;

  for (i = 0; i < argc; i++)
    if (!strncmp(argv[i], "fd=", 3)) return argv[i] + 3;
  return NULL;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc, char** argv) {
  const char* number = output_fd(argc, argv);

  if (!number) {
    fprintf(stderr, "probebench path plugin: built for version %d, QEMU has %d to %d\n", PLUGIN_API_VERSION,
            info->version.min, info->version.cur);
    return 1;
  }
  out = fdopen(atoi(number), "w");
  if (!out) {
    perror("probebench path plugin: open the output");
    return 1;
  }
  own_id = id;
  if (!strcmp(info->target_name, "aarch64")) marker_bytes = ARM64_BYTES;
  asleep(id);
  return 0;
}
