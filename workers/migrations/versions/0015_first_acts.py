"""Which visitor's first act has made a sandbox"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("sandboxes", sa.Column("visitor", sa.String(64)))
    op.create_index("sandboxes_by_visitor", "sandboxes", ["visitor"], unique=True)
