# SPDX-License-Identifier: MIT
"""A store as pages to be asked: read-only, each view with an address, and its data at /api/ before that address."""
