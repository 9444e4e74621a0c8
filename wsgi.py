"""The server's door: `gunicorn wsgi:app`, `flask --app wsgi ...`."""

import sys

from app import create_app
from app.config import SettingError

try:
    app = create_app()
except SettingError as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(2) from None
