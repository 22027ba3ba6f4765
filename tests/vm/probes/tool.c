// SPDX-License-Identifier: MIT
/*
 * A user's tool, for tests/vm/cost_test.py: it defines and enables a trace event
 * on vfs_read, or fails to in the ways that its argument names.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRACEFS "/sys/kernel/tracing/"

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

static void disarm(void)
{
	write_line(TRACEFS "events/tool/mine/enable", "0\n");
	write_line(TRACEFS "kprobe_events", "-:tool/mine\n");
}

static volatile sig_atomic_t over;

static void note(int number)
{
	over = number;
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
	if (strcmp(how, "forks") == 0 && fork() == 0)
		for (;;)
			sleep(1);
	if (strcmp(how, "lost") == 0)
		puts("Lost 64 events");
	fflush(stdout);
	while (!over) {
		if (strcmp(how, "loses") == 0 && puts("Lost 64 events") > 0)
			fflush(stdout);
		usleep(10000);
	}
	disarm();
	return 0;
}
