"""What every test takes as given: the moment it happens at, and the settings of the portal under test."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in Amsterdam, in winter time; the moment of every test that doesn't say another."""

RUN_FOLDER = "HOMEVISIT_TEST_RUN"
"""The environment variable through which all processes of one run find the folder that they share."""

ENVIRONMENT = {
    "SECRET_KEY": "a key for signing that only tests know",
    "LINK_KEYS": "a key for personal links that only tests know",
    "PUBLIC_URL": "http://localhost:5000",
    "COMPANY_NAME": "Warmtehuis Eemland",
    "COMPANY_PHONE": "033 303 90 00",
    "COMPANY_EMAIL": "afspraak@warmtehuis-eemland.example",
    "SMS_PROVIDER": "console",
    "MAIL_URL": "console:",
    "QUIET_HOURS": "off",
    # Empty counts as not set, and wins over what a developer's own .env says.
    "BRAND_COLOR": "",
    "BRAND_LOGO": "",
    "DATABASE_URL": "",
    "DEMO": "",
    "GEOCODER_URL": "",
    "KEEP_CUSTOMERS": "",
    "KEEP_HISTORY": "",
    "KEEP_MESSAGES": "",
    "KEEP_SAID": "",
    "MAIL_FROM": "",
    "TEXTS_DIR": "",
    "TRUSTED_PROXIES": "",
    "TWILIO_ACCOUNT_SID": "",
    "TWILIO_API_URL": "",
    "TWILIO_AUTH_TOKEN": "",
    "TWILIO_FROM": "",
    "WORKER_LEASE": "",
}
