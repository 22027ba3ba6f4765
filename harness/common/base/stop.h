// SPDX-License-Identifier: MIT
// SIGINT and SIGTERM become one flag and one readable descriptor; every waiting loop watches them, so that
// an interrupted run unwinds through its destructors and leaves nothing behind.
#pragma once

namespace probebench::inline base {

// Installs the handlers; call once, first thing in main.
void install_stop_handlers();

// Whether a stop was requested.
bool stop_requested();

// Readable once a stop was requested; for poll(). -1 before install_stop_handlers().
int stop_fd();

}  // namespace probebench::inline base
