/* SPDX-License-Identifier: MIT */
/*
 * The part of libtracefs that is used here. Its own header is not C++ (version 1.6 passes 0 as an
 * enumerator); tracefs_api.c has the compiler compare the two.
 */
#pragma once

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tracefs_instance;

/* Reuses an existing instance: see tracefs_instance_is_new(). */
struct tracefs_instance* tracefs_instance_create(const char* name);
bool tracefs_instance_is_new(struct tracefs_instance* instance);
int tracefs_instance_destroy(struct tracefs_instance* instance);
void tracefs_instance_free(struct tracefs_instance* instance);

/* Files of an instance; NULL is the top one. */
int tracefs_instance_file_write(struct tracefs_instance* instance, const char* file, const char* str);
int tracefs_instance_file_append(struct tracefs_instance* instance, const char* file, const char* str);
int tracefs_instance_file_clear(struct tracefs_instance* instance, const char* file);
/* To be freed. (tracefs_instance_file_read() does not tell an empty file from one that cannot be read.) */
char* tracefs_instance_get_file(struct tracefs_instance* instance, const char* file);

#ifdef __cplusplus
}
#endif
