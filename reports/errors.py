# SPDX-License-Identifier: MIT
"""What a report cannot go on with: one line for the user, and the exit code that goes with it."""

FINE = 0
FAILED = 1
USAGE = 2
UNAVAILABLE = 69
INTERRUPTED = 130


class ReportError(Exception):
    """Its text names the input, what was expected and what to do."""

    def __init__(self, text: str, exit_code: int = USAGE):
        super().__init__(text)
        self.exit_code = exit_code
