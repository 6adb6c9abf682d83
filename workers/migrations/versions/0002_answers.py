"""The answers to the quick checks"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sandbox", sa.String(length=20), nullable=False),
        sa.Column("lesson", sa.String(length=40), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("option", sa.String(length=40), nullable=False),
        sa.Column("confidence", sa.String(length=20), nullable=True),
        sa.Column("correct", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("answers_by_lesson", "answers", ["sandbox", "lesson", "question"], unique=False)


def downgrade() -> None:
    op.drop_index("answers_by_lesson", table_name="answers")
    op.drop_table("answers")
