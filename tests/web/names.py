"""Names that people have, and that software breaks at."""

ODD_NAMES = {
    "quotes": 'O\'Brien "de Snelle" & zn. <b>',
    "script": "<script>alert('x')</script>",
    "attribute": '" onmouseover="alert(1)" x="',
    "template": "{{ 7 * 7 }}{% raw %} %(company)s %s %",
    "formula": '=HYPERLINK("https://example.org","x")',
    "emoji": "Jansen 🏠👩‍👩‍👧",
    "right to left": "אברהם \u202e\u200f עלי",
    "accents": "Łukasiewicz-Çelik Đặng Þór ïë",
    "300 characters": "Vandenberghe-" * 23 + "x",
    "one word of 300": "x" * 300,
}
