"""The customer's pages: start, choose, review, booked, change, cancel, and the calendar file.

A file for each story, all doors of one blueprint. Every door is a form or a link, one call, and one answer; a GET never
changes anything.
"""

from flask import Blueprint, request

from app.security import keep_session
from notifications.oneline import one_line

bp = Blueprint("customer", __name__)
# What was typed stands in the form again, but for characters that no page may have.
bp.add_app_template_filter(one_line, "one_line")


@bp.before_request
def _keep_session() -> None:
    # Calendar programs fetch without cookies and get none.
    if request.endpoint != "customer.visit_file":
        keep_session()
