# SPDX-License-Identifier: MIT
"""Runs over time: where a figure changed, and how each cell went."""
