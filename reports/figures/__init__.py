# SPDX-License-Identifier: MIT
"""The figures: one file for each kind. A figure always comes with its table and its text for who cannot see it."""
