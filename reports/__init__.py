# SPDX-License-Identifier: MIT
"""Reports: from results.json (and what stands beside it) to a page, figures, verdicts on claims and a history."""
