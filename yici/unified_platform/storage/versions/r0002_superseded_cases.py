"""Which submission a case was sent to replace, and by which case it was replaced."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('cases', sa.Column('supersedes', sa.String(length=36), nullable=True))
    op.add_column('cases', sa.Column('superseded_by', sa.String(length=40), nullable=True))
    op.create_index('cases_by_supersedes', 'cases', ['terminal_id', 'supersedes'], unique=False)
