"""notes can be pinned

The default is the database's, so that the release before this one can go on inserting notes while
the new one starts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "notes", sa.Column("pinned", sa.Boolean, nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("notes", "pinned")
