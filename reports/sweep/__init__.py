# SPDX-License-Identifier: MIT
"""A lab's whole matrix of targets: measured here or by Slurm, a run of its own each, handed in to one store."""
