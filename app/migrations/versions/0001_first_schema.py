"""The whole model: company, customers, work, windows, visits, messages, history."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import scheduling.db

revision = "0001"
down_revision = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), server_default="NL", nullable=False),
        sa.Column("postcode", sa.String(length=10), nullable=False),
        sa.Column("pc4", sa.String(length=10), nullable=False),
        sa.Column("house_number", sa.Integer(), nullable=False),
        sa.Column("house_suffix", sa.String(length=20), server_default="", nullable=False),
        sa.Column("street", sa.String(length=200), server_default="", nullable=False),
        sa.Column("place", sa.String(length=200), server_default="", nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("geocoded_at", scheduling.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        sa.UniqueConstraint(
            "country",
            "postcode",
            "house_number",
            "house_suffix",
            name=op.f("uq_address_country_postcode_house_number_house_suffix"),
        ),
    )
    op.create_index(op.f("ix_address_pc4"), "address", ["pc4"], unique=False)

    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=2), server_default="NL", nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=True),
        sa.Column("book_until", sa.Time(), nullable=False),
        sa.Column("change_until", sa.Time(), nullable=False),
        sa.Column("created_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("horizon_days IS NULL OR horizon_days > 0", name=op.f("ck_area_horizon_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("ref", name=op.f("uq_area_ref")),
    )
    op.create_table(
        "attempt",
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.Column("period_start", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "period_start", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_period_start"), "attempt", ["period_start"], unique=False)

    op.create_table(
        "kind",
        sa.Column("ref", sa.String(length=50), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_kind_minutes_positive")),
        sa.CheckConstraint("places > 0", name=op.f("ck_kind_places_positive")),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_kind")),
    )
    op.create_table(
        "principal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_principal")),
        sa.UniqueConstraint("name", name=op.f("uq_principal_name")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("password_link_digest", sa.String(length=64), nullable=True),
        sa.Column("password_link_until", scheduling.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("session_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('dispatcher', 'planner', 'manager', 'technician')", name=op.f("ck_staff_role_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sa.UniqueConstraint("password_link_digest", name=op.f("uq_staff_password_link_digest")),
    )
    op.create_table(
        "area_postcode",
        sa.Column("pc4", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["area_id"], ["area.id"], name=op.f("fk_area_postcode_area_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pc4", "kind", name=op.f("pk_area_postcode")),
    )
    op.create_index(op.f("ix_area_postcode_area_id"), "area_postcode", ["area_id"], unique=False)

    op.create_table(
        "customer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("organisation", sa.String(length=400), server_default="", nullable=False),
        sa.Column("persona", sa.String(length=20), server_default="", nullable=False),
        sa.Column("sort_key", sa.String(length=900), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("provenance", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("imported_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(length=10), server_default="", nullable=False),
        sa.Column("initials", sa.String(length=50), server_default="", nullable=False),
        sa.Column("first_name", sa.String(length=400), server_default="", nullable=False),
        sa.Column("infix", sa.String(length=50), server_default="", nullable=False),
        sa.Column("last_name", sa.String(length=400), server_default="", nullable=False),
        sa.Column("formality", sa.String(length=10), server_default="", nullable=False),
        sa.Column("language", sa.String(length=35), server_default="nl", nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("channel", sa.String(length=10), server_default="", nullable=False),
        sa.CheckConstraint(
            "channel IN ('', 'sms', 'email', 'letter')", name=op.f("ck_customer_channel_known")
        ),
        sa.CheckConstraint(
            "formality IN ('', 'formal', 'informal')", name=op.f("ck_customer_formality_known")
        ),
        sa.CheckConstraint(
            "persona IN ('', 'senior', 'family', 'business', 'institution')",
            name=op.f("ck_customer_persona_known"),
        ),
        sa.CheckConstraint("title IN ('', 'mr', 'ms', 'couple')", name=op.f("ck_customer_title_known")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_customer_address_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("ref", name=op.f("uq_customer_ref")),
    )
    op.create_index(op.f("ix_customer_address_id"), "customer", ["address_id"], unique=False)
    op.create_index(op.f("ix_customer_email"), "customer", ["email"], unique=False)
    op.create_index(op.f("ix_customer_phone"), "customer", ["phone"], unique=False)
    op.create_index(op.f("ix_customer_sort_key"), "customer", ["sort_key"], unique=False)

    op.create_table(
        "kind_text",
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("prepare", sa.Text(), server_default="", nullable=False),
        sa.Column("price", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["kind"], ["kind.ref"], name=op.f("fk_kind_text_kind"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("kind", "language", name=op.f("pk_kind_text")),
    )
    op.create_table(
        "technician",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_technician_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technician")),
        sa.UniqueConstraint("ref", name=op.f("uq_technician_ref")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_technician_staff_id")),
    )
    op.create_table(
        "window",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("starts_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("booked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=10), server_default="open", nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_window_state_known")),
        sa.CheckConstraint(
            "booked >= 0 AND held >= 0 AND booked + held <= capacity", name=op.f("ck_window_never_overbooked")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_window_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_window_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window")),
        sa.UniqueConstraint("area_id", "starts_at", name=op.f("uq_window_area_id_starts_at")),
    )
    op.create_index(op.f("ix_window_area_day"), "window", ["area_id", "local_day", "starts_at"], unique=False)

    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("created_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(length=10), server_default="", nullable=False),
        sa.Column("initials", sa.String(length=50), server_default="", nullable=False),
        sa.Column("first_name", sa.String(length=400), server_default="", nullable=False),
        sa.Column("infix", sa.String(length=50), server_default="", nullable=False),
        sa.Column("last_name", sa.String(length=400), server_default="", nullable=False),
        sa.Column("formality", sa.String(length=10), server_default="", nullable=False),
        sa.Column("language", sa.String(length=35), server_default="nl", nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("channel", sa.String(length=10), server_default="", nullable=False),
        sa.CheckConstraint(
            "role IN ('arranges', 'caretaker', 'on_site')", name=op.f("ck_contact_role_known")
        ),
        sa.CheckConstraint("title IN ('', 'mr', 'ms', 'couple')", name=op.f("ck_contact_title_known")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_contact_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_customer_id"), "contact", ["customer_id"], unique=False)
    op.create_index(op.f("ix_contact_email"), "contact", ["email"], unique=False)
    op.create_index(op.f("ix_contact_phone"), "contact", ["phone"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.String(length=10), server_default="", nullable=False),
        sa.CheckConstraint("ended IN ('', 'revoked', 'withdrawn')", name=op.f("ck_invitation_ended_known")),
        sa.CheckConstraint("version BETWEEN 1 AND 255", name=op.f("ck_invitation_version_range")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_invitation_address_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_invitation_contact_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_invitation_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_address_id"), "invitation", ["address_id"], unique=False)
    op.create_index(op.f("ix_invitation_customer_id"), "invitation", ["customer_id"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("not_before", sa.Date(), nullable=True),
        sa.Column("due_by", sa.Date(), nullable=True),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=True),
        sa.Column("appliance", sa.String(length=200), server_default="", nullable=False),
        sa.Column("last_visit", sa.Date(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", scheduling.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes IS NULL OR minutes > 0", name=op.f("ck_job_minutes_positive")),
        sa.CheckConstraint(
            "not_before IS NULL OR due_by IS NULL OR not_before <= due_by", name=op.f("ck_job_dates_in_order")
        ),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_job_address_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_job_customer_id")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_job_invitation_id")),
        sa.ForeignKeyConstraint(["kind"], ["kind.ref"], name=op.f("fk_job_kind")),
        sa.ForeignKeyConstraint(["principal_id"], ["principal.id"], name=op.f("fk_job_principal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("ref", name=op.f("uq_job_ref")),
    )
    op.create_index(op.f("ix_job_address_id"), "job", ["address_id"], unique=False)
    op.create_index(op.f("ix_job_customer_id"), "job", ["customer_id"], unique=False)
    op.create_index(
        op.f("ix_job_to_invite"), "job", ["invitation_id", "withdrawn_at", "due_by"], unique=False
    )

    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("uid", sa.String(length=300), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("window_id", sa.Integer(), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), server_default="booked", nullable=False),
        sa.Column("sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("booked_by", sa.String(length=60), nullable=False),
        sa.Column("booked_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('booked', 'on_the_way', 'arrived', 'done', 'missed', 'cancelled')",
            name=op.f("ck_visit_state_known"),
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_visit_minutes_positive")),
        sa.CheckConstraint("places > 0", name=op.f("ck_visit_places_positive")),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_visit_sequence_from_zero")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_visit_address_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_visit_customer_id")),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_visit_invitation_id")),
        sa.ForeignKeyConstraint(["technician_id"], ["technician.id"], name=op.f("fk_visit_technician_id")),
        sa.ForeignKeyConstraint(["window_id"], ["window.id"], name=op.f("fk_visit_window_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("code", name=op.f("uq_visit_code")),
        sa.UniqueConstraint("ref", name=op.f("uq_visit_ref")),
        sa.UniqueConstraint("uid", name=op.f("uq_visit_uid")),
    )
    op.create_index(op.f("ix_visit_customer_id"), "visit", ["customer_id"], unique=False)
    op.create_index(op.f("ix_visit_invitation_id"), "visit", ["invitation_id"], unique=False)
    op.create_index(op.f("ix_visit_window_id"), "visit", ["window_id"], unique=False)

    op.create_table(
        "contact_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "channel IN ('sms', 'email', 'letter', 'web', 'phone')",
            name=op.f("ck_contact_history_channel_known"),
        ),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_contact_history_direction_known")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_contact_history_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_contact_history_invitation_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_contact_history_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_history")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_contact_history_provider_id")),
    )
    op.create_index(
        op.f("ix_contact_history_customer_at"), "contact_history", ["customer_id", "at"], unique=False
    )

    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("window_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_history_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_history_visit_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["window_id"], ["window.id"], name=op.f("fk_history_window_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index(op.f("ix_history_customer_at"), "history", ["customer_id", "at"], unique=False)
    op.create_index(op.f("ix_history_visit_id"), "history", ["visit_id"], unique=False)
    op.create_index(op.f("ix_history_window_id"), "history", ["window_id"], unique=False)

    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("window_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("until", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("places > 0", name=op.f("ck_hold_places_positive")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_hold_visit_id")),
        sa.ForeignKeyConstraint(["window_id"], ["window.id"], name=op.f("fk_hold_window_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_hold_visit_id")),
    )
    op.create_index(op.f("ix_hold_until"), "hold", ["until"], unique=False)
    op.create_index(op.f("ix_hold_window_id"), "hold", ["window_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=1000), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("formality", sa.String(length=10), nullable=False),
        sa.Column("purpose", sa.String(length=20), server_default="service", nullable=False),
        sa.Column("answers_customer", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), server_default="waiting", nullable=False),
        sa.Column("due_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", scheduling.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.String(length=300), server_default="", nullable=False),
        sa.Column("provider_id", sa.String(length=255), nullable=True),
        sa.Column("lease_until", scheduling.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lease_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", scheduling.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel IN ('sms', 'email', 'letter')", name=op.f("ck_message_channel_known")),
        sa.CheckConstraint("formality IN ('formal', 'informal')", name=op.f("ck_message_formality_known")),
        sa.CheckConstraint(
            "state <> 'sending' OR lease_until IS NOT NULL", name=op.f("ck_message_sending_has_a_lease")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'delivered', 'failed', 'withdrawn')",
            name=op.f("ck_message_state_known"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_message_attempts_from_zero")),
        sa.CheckConstraint("segments IS NULL OR segments > 0", name=op.f("ck_message_segments_positive")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_message_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_message_invitation_id")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_message_job_id")),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_message_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("event_key", "channel", name="uq_message_event_key_channel"),
        sa.UniqueConstraint("provider_id", name=op.f("uq_message_provider_id")),
    )
    op.create_index(op.f("ix_message_customer"), "message", ["customer_id", "id"], unique=False)
    op.create_index(
        op.f("ix_message_due"),
        "message",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'sending')"),
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_index(op.f("ix_message_invitation_id"), "message", ["invitation_id"], unique=False)
    op.create_index(op.f("ix_message_job_id"), "message", ["job_id"], unique=False)
    op.create_index(op.f("ix_message_recipient"), "message", ["recipient", "id"], unique=False)
    op.create_index(op.f("ix_message_visit_id"), "message", ["visit_id"], unique=False)

    op.create_table(
        "visit_job",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("live", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_visit_job_job_id")),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_visit_job_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("visit_id", "job_id", name=op.f("pk_visit_job")),
    )
    op.create_index(
        op.f("uq_visit_job_one_live_visit"),
        "visit_job",
        ["job_id"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )


def downgrade() -> None:
    op.drop_index(op.f("uq_visit_job_one_live_visit"), table_name="visit_job")

    op.drop_table("visit_job")
    op.drop_index(op.f("ix_message_visit_id"), table_name="message")
    op.drop_index(op.f("ix_message_recipient"), table_name="message")
    op.drop_index(op.f("ix_message_job_id"), table_name="message")
    op.drop_index(op.f("ix_message_invitation_id"), table_name="message")
    op.drop_index(op.f("ix_message_due"), table_name="message")
    op.drop_index(op.f("ix_message_customer"), table_name="message")

    op.drop_table("message")
    op.drop_index(op.f("ix_hold_window_id"), table_name="hold")
    op.drop_index(op.f("ix_hold_until"), table_name="hold")

    op.drop_table("hold")
    op.drop_index(op.f("ix_history_window_id"), table_name="history")
    op.drop_index(op.f("ix_history_visit_id"), table_name="history")
    op.drop_index(op.f("ix_history_customer_at"), table_name="history")

    op.drop_table("history")
    op.drop_index(op.f("ix_contact_history_customer_at"), table_name="contact_history")

    op.drop_table("contact_history")
    op.drop_index(op.f("ix_visit_window_id"), table_name="visit")
    op.drop_index(op.f("ix_visit_invitation_id"), table_name="visit")
    op.drop_index(op.f("ix_visit_customer_id"), table_name="visit")

    op.drop_table("visit")
    op.drop_index(op.f("ix_job_to_invite"), table_name="job")
    op.drop_index(op.f("ix_job_customer_id"), table_name="job")
    op.drop_index(op.f("ix_job_address_id"), table_name="job")

    op.drop_table("job")
    op.drop_index(op.f("ix_invitation_customer_id"), table_name="invitation")
    op.drop_index(op.f("ix_invitation_address_id"), table_name="invitation")

    op.drop_table("invitation")
    op.drop_index(op.f("ix_contact_phone"), table_name="contact")
    op.drop_index(op.f("ix_contact_email"), table_name="contact")
    op.drop_index(op.f("ix_contact_customer_id"), table_name="contact")

    op.drop_table("contact")
    op.drop_index(op.f("ix_window_area_day"), table_name="window")

    op.drop_table("window")
    op.drop_table("technician")
    op.drop_table("kind_text")
    op.drop_index(op.f("ix_customer_sort_key"), table_name="customer")
    op.drop_index(op.f("ix_customer_phone"), table_name="customer")
    op.drop_index(op.f("ix_customer_email"), table_name="customer")
    op.drop_index(op.f("ix_customer_address_id"), table_name="customer")

    op.drop_table("customer")
    op.drop_index(op.f("ix_area_postcode_area_id"), table_name="area_postcode")

    op.drop_table("area_postcode")
    op.drop_table("staff")
    op.drop_table("principal")
    op.drop_table("kind")
    op.drop_index(op.f("ix_attempt_period_start"), table_name="attempt")

    op.drop_table("attempt")
    op.drop_table("area")
    op.drop_index(op.f("ix_address_pc4"), table_name="address")

    op.drop_table("address")
