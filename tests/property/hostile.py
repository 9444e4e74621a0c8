"""What people, programs and attackers type: strategies for everything that can stand in a request."""

from datetime import date

from hypothesis import strategies as st

ODD = (
    "",
    " ",
    "\0",
    "a\0b",
    "\r\nSet-Cookie: a=b",
    "\x1b[2J",
    "\x85\u2028\u2029",
    "\ufffe\uffff\U0001fffe",
    "🦊👨‍👩‍👧‍👦",
    "\u202eסמיילי\u202c",
    "مرحبا",
    "١٢٣٤",
    "²",
    "Ⅳ",
    "-1",
    "0",
    "1.5",
    "1e400",
    "NaN",
    "inf",
    "2147483648",
    "9223372036854775808",
    "9" * 5000,
    "x" * 70_000,
    "[]",
    "{}",
    "null",
    "true",
    "' OR 1=1 --",
    '"><script>alert(1)</script>',
    "{{ 7*7 }}",
    "%s %(name)s %",
    "../../etc/passwd",
    "//example.org",
    "https://example.org/",
    "javascript:alert(1)",
    "=1+1",
    "1:1",
    "0001-01-01",
    "9999-12-31",
    "2026-W49-4",
    "\ud800",
)
"""Values at which software breaks."""

LIKELY = (
    "1",
    "2",
    "3811AB",
    "3811 ab",
    "12",
    "12 A",
    "06 12345678",
    "+31 6 12 34 56 78",
    "033 303 90 00",
    "jan@example.org",
    "jan@müller.example",
    "Jansen",
    "nl",
    "en",
    "pl",
    "mr",
    "couple",
    "formal",
    "informal",
    "sms",
    "email",
    "letter",
    "phone",
    "done",
    "moved",
    "not_needed",
    "not_for_me",
    "refused",
    "details",
    "failed",
    "morning",
    "on",
    "2026-12-03",
    "Kerkstraat",
)
"""Values that forms of ours take, somewhere."""

FIELDS = (
    "window",
    "sequence",
    "booking",
    "code",
    "postcode",
    "house_number",
    "next",
    "wishes",
    "reason",
    "note",
    "street",
    "reached_at",
    "field",
    "language",
    "phone",
    "email",
    "channel",
    "title",
    "initials",
    "first_name",
    "infix",
    "last_name",
    "organisation",
    "formality",
    "password",
    "password_again",
    "job",
    "home",
    "weekday",
    "part",
    "from",
    "one_each",
    "area",
    "before",
    "state",
    "lang",
    "customer",
    "kind",
    "page",
    "message",
    "MessageSid",
    "MessageStatus",
    "ErrorCode",
    "From",
    "Body",
)
"""The names of all fields and arguments that some page of ours reads."""

VALUES = st.one_of(
    st.sampled_from(LIKELY),
    st.sampled_from(ODD),
    st.integers().map(str),
    st.dates(date(1, 1, 1)).map(str),
    st.text(st.characters(), max_size=40),
)
NAMES = st.one_of(st.sampled_from(FIELDS), st.text(st.characters(), max_size=10))
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=8)
"""Names and values as they stand in an address or a form; a name may come several times."""

_HEADER_TEXT = st.one_of(
    st.sampled_from(
        ("", "*", "nl", "pl;q=0.9, en", "nl;q=x", "xx-" * 300, ";;;,,,", "é", "::1", "1.2.3.4, é")
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        (
            "HTTP_ACCEPT_LANGUAGE",
            "HTTP_ACCEPT",
            "HTTP_X_FORWARDED_FOR",
            "HTTP_X_FORWARDED_HOST",
            "HTTP_X_FORWARDED_PROTO",
            "HTTP_REFERER",
            "HTTP_USER_AGENT",
            "HTTP_RANGE",
            "HTTP_IF_NONE_MATCH",
            "HTTP_IF_MODIFIED_SINCE",
            "HTTP_AUTHORIZATION",
            "HTTP_X_TWILIO_SIGNATURE",
            "HTTP_CONTENT_ENCODING",
            "REMOTE_ADDR",
        )
    ),
    _HEADER_TEXT,
    max_size=4,
)
"""As the server hands them over: one byte a character."""

HOSTS = st.sampled_from(
    ("localhost", "localhost:5000", "example.org", "", "[::1", "a b", "é", "x" * 300, "a/b", "a@b")
)
COOKIES = st.one_of(
    st.sampled_from(
        ("", "portal=", "portal=x", "portal=.eJw.x.y", "portal=" + "a" * 5000, "portal", ";;;=", "a=b")
    ),
    st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=40).map(
        lambda text: f"portal={text}"
    ),
)
TYPES = st.sampled_from(
    (
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-16",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=b",
        "application/json",
        "text/plain",
        "é",
        "",
    )
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        (
            b"%",
            b"%ff=%fe",
            b"a=%00",
            b"&&&=",
            b"--b\r\n\r\n",
            b"--b\r\nContent-Disposition: x\r\n\r\n1\r\n--b--",
        )
    ),
)


def as_sent(text: str) -> bytes:
    """The bytes of a text as a hostile browser sends them: half a character included."""
    return text.encode("utf-8", "surrogatepass")
