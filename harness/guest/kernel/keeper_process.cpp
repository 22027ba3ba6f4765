// SPDX-License-Identifier: MIT
#include "kernel/keeper_process.h"

#include <linux/close_range.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <initializer_list>

namespace probebench::kernel {

void become_keeper(int life, int report) {
  ::setsid();
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(number, SIG_IGN);
  ::dup2(life, STDIN_FILENO);
  if (report >= 0) ::dup2(report, STDOUT_FILENO);
  ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
}

}  // namespace probebench::kernel
