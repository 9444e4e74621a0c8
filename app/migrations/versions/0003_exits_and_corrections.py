"""Exits, corrections of contact data, contacts from a file, and what staff have handled."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

import scheduling.db

revision = "0003"
down_revision = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for table, column in _added():
        op.add_column(table, column)
    op.create_index("uq_contact_ref", "contact", ["ref"], unique=True)
    op.create_table(
        "contact_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=320), nullable=False),
        sa.Column("created_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", scheduling.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("field IN ('phone', 'email')", name=op.f("ck_contact_change_field_known")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_contact_change_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_contact_change_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_change")),
    )
    op.create_index(op.f("ix_contact_change_customer_id"), "contact_change", ["customer_id"], unique=False)
    op.create_table(
        "wrong_recipient",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=320), nullable=False),
        sa.Column("at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_wrong_recipient_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "value", name=op.f("pk_wrong_recipient")),
    )


def downgrade() -> None:
    op.drop_table("wrong_recipient")
    op.drop_index(op.f("ix_contact_change_customer_id"), table_name="contact_change")
    op.drop_table("contact_change")
    op.drop_index("uq_contact_ref", table_name="contact")
    for table, column in reversed(_added()):
        op.drop_column(table, column.name)


def _added() -> list[tuple[str, sa.Column[Any]]]:
    """Without check or foreign key: SQLite could take those only by copying a table that others point to."""
    instant = scheduling.db.UtcDateTime(timezone=True)
    return [
        ("kind", sa.Column("follows", sa.String(length=10), server_default="house", nullable=False)),
        ("invitation", sa.Column("exit", sa.String(length=10), server_default="", nullable=False)),
        ("invitation", sa.Column("exited_at", instant, nullable=True)),
        ("job", sa.Column("exit", sa.String(length=10), server_default="", nullable=False)),
        ("customer", sa.Column("checked_at", instant, nullable=True)),
        ("contact", sa.Column("ref", sa.String(length=100), nullable=True)),
        ("contact_history", sa.Column("handled_at", instant, nullable=True)),
        ("contact_history", sa.Column("handled_by", sa.String(length=60), server_default="", nullable=False)),
        ("message", sa.Column("contact_change_id", sa.Integer(), nullable=True)),
    ]
