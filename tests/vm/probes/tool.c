// SPDX-License-Identifier: MIT
/*
 * A user's tool, for tests/vm/cost_test.py: it defines and enables a trace event
 * on vfs_read, or fails to in the ways that its argument names.
 */
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRACEFS "/sys/kernel/tracing/"

static volatile sig_atomic_t over;

static void note(int number)
{
	over = number;
}

static int write_line(const char *file, const char *line)
{
	int fd = open(file, O_WRONLY | O_APPEND);
	int done = fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line);

	close(fd);
	return done;
}

static void arm(const char *function)
{
	char line[64];

	snprintf(line, sizeof(line), "p:tool/mine %s\n", function);
	if (!write_line(TRACEFS "kprobe_events", line)) {
		fprintf(stderr, "tool: no such function: %s\n", function);
		exit(3);
	}
	write_line(TRACEFS "events/tool/mine/enable", "1\n");
}

/* A buffer that wakes whoever reads it at each event: by an interrupt. */
static void be_woken_at_each(void)
{
	char id[16] = { 0 };
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_RAW,
		.wakeup_events = 1,
	};
	int file = open(TRACEFS "events/tool/mine/id", O_RDONLY);
	int event;

	if (read(file, id, sizeof(id) - 1) <= 0)
		exit(4);
	attr.config = strtoul(id, NULL, 10);
	event = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (event < 0 || mmap(NULL, 9 * getpagesize(), PROT_READ | PROT_WRITE,
			      MAP_SHARED, event, 0) == MAP_FAILED)
		exit(5);
	close(file);
}

/* Reads each event, which is a vfs_read of its own: one more event. */
static void feed_itself(void)
{
	char text[4096];
	int pipe = open(TRACEFS "trace_pipe", O_RDONLY | O_NONBLOCK);

	while (!over && pipe >= 0)
		if (read(pipe, text, sizeof(text)) < 0)
			usleep(1000);
	close(pipe);
}

static void disarm(void)
{
	write_line(TRACEFS "events/tool/mine/enable", "0\n");
	write_line(TRACEFS "kprobe_events", "-:tool/mine\n");
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "well";

	signal(SIGINT, strcmp(how, "stubborn") == 0 ? SIG_IGN : note);
	if (strcmp(how, "fails") == 0)
		arm("no_such_function");
	if (strcmp(how, "early") == 0)
		return 0;
	while (strcmp(how, "floods") == 0)
		puts("a line that says nothing, and again, and again");
	if (strcmp(how, "never") != 0)
		arm("vfs_read");
	if (strcmp(how, "woken") == 0)
		be_woken_at_each();
	if (strcmp(how, "forks") == 0 && fork() == 0)
		for (;;)
			sleep(1);
	if (strcmp(how, "lost") == 0)
		puts("Lost 64 events");
	fflush(stdout);
	if (strcmp(how, "feeds") == 0)
		feed_itself();
	while (!over) {
		if (strcmp(how, "loses") == 0 && puts("Lost 64 events") > 0)
			fflush(stdout);
		usleep(10000);
	}
	disarm();
	return 0;
}
