"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('acknowledgements',
    sa.Column('terminal_id', sa.String(length=40), nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('submission_id', sa.String(length=36), nullable=False),
    sa.Column('digest', sa.String(length=80), nullable=False),
    sa.Column('statement', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('terminal_id', 'sequence'),
    sa.UniqueConstraint('terminal_id', 'submission_id')
    )
    op.create_table('audit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('detail', sa.String(length=60), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('audit_by_subject', 'audit', ['subject', 'at'], unique=False)
    op.create_table('case_actions',
    sa.Column('case_number', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('case_number', 'version')
    )
    op.create_table('case_serials',
    sa.Column('hall_code', sa.String(length=20), nullable=False),
    sa.Column('day', sa.String(length=8), nullable=False),
    sa.Column('last_serial', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('hall_code', 'day')
    )
    op.create_table('cases',
    sa.Column('terminal_id', sa.String(length=40), nullable=False),
    sa.Column('submission_id', sa.String(length=36), nullable=False),
    sa.Column('case_number', sa.String(length=40), nullable=False),
    sa.Column('hall_code', sa.String(length=20), nullable=False),
    sa.Column('item_code', sa.String(length=60), nullable=False),
    sa.Column('item_version', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('received_at', sa.BigInteger(), nullable=False),
    sa.Column('changed_at', sa.BigInteger(), nullable=False),
    sa.Column('faults', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('terminal_id', 'submission_id'),
    sa.UniqueConstraint('case_number')
    )
    op.create_index('cases_by_state', 'cases', ['state', 'received_at'], unique=False)
    op.create_index('cases_by_time', 'cases', ['received_at'], unique=False)
    op.create_table('changes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('terminal_id', sa.String(length=40), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('change', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('terminal_id', 'position')
    )
    op.create_table('enrolment_codes',
    sa.Column('code_id', sa.String(length=20), nullable=False),
    sa.Column('code_key', sa.LargeBinary(), nullable=False),
    sa.Column('hall_code', sa.String(length=20), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=False),
    sa.Column('used_at', sa.BigInteger(), nullable=True),
    sa.Column('terminal_id', sa.String(length=40), nullable=True),
    sa.Column('request_digest', sa.String(length=80), nullable=True),
    sa.Column('answer', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('code_id')
    )
    op.create_table('facts',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('halls',
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('code')
    )
    op.create_table('items',
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('code', 'version')
    )
    op.create_table('releases',
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('digest', sa.String(length=80), nullable=False),
    sa.Column('statement', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('version')
    )
    op.create_table('staff',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('made_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('staff_sessions',
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('csrf_token', sa.String(length=64), nullable=False),
    sa.Column('started_at', sa.BigInteger(), nullable=False),
    sa.Column('last_used_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('token_digest')
    )
    op.create_table('submissions',
    sa.Column('terminal_id', sa.String(length=40), nullable=False),
    sa.Column('submission_id', sa.String(length=36), nullable=False),
    sa.Column('digest', sa.String(length=80), nullable=False),
    sa.Column('item_code', sa.String(length=60), nullable=False),
    sa.Column('manifest', sa.LargeBinary(), nullable=False),
    sa.Column('signature', sa.LargeBinary(), nullable=False),
    sa.Column('form', sa.LargeBinary(), nullable=False),
    sa.Column('received_at', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('closed_at', sa.BigInteger(), nullable=True),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('terminal_id', 'submission_id')
    )
    op.create_index('submissions_by_state', 'submissions', ['state', 'received_at'], unique=False)
    op.create_table('terminals',
    sa.Column('terminal_id', sa.String(length=40), nullable=False),
    sa.Column('suite', sa.String(length=20), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('hall_code', sa.String(length=20), nullable=False),
    sa.Column('hardware_id', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('enrolled_at', sa.BigInteger(), nullable=False),
    sa.Column('check_digits', sa.String(length=6), nullable=False),
    sa.Column('last_seen_at', sa.BigInteger(), nullable=True),
    sa.Column('software_version', sa.Text(), server_default='', nullable=False),
    sa.Column('pending_submissions', sa.Integer(), server_default='0', nullable=False),
    sa.Column('oldest_pending_s', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('last_sequence', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('last_chain_digest', sa.String(length=80), nullable=False),
    sa.Column('last_position', sa.BigInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('terminal_id')
    )
    op.create_table('parts',
    sa.Column('terminal_id', sa.String(length=40), nullable=False),
    sa.Column('submission_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=80), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['terminal_id', 'submission_id'], ['submissions.terminal_id', 'submissions.submission_id'], ),
    sa.PrimaryKeyConstraint('terminal_id', 'submission_id', 'number')
    )
    op.create_index('parts_by_digest', 'parts', ['terminal_id', 'digest'], unique=False)
