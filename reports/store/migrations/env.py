# SPDX-License-Identifier: MIT
"""How Alembic comes to its connection: it is given ours, in the middle of a transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
