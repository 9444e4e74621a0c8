"""Who is told what: a customer, and the people who speak for them.

Whoever `arranges` things chooses the time and gets every message; the customer is told of the visit as well, for it is
their door. A `caretaker`, or somebody `on_site`, has to know when we come and gets the news of the visit alone, without
the link that could change it.
"""

ARRANGES, CARETAKER, ON_SITE = "arranges", "caretaker", "on_site"
ROLES = (ARRANGES, CARETAKER, ON_SITE)
TOLD_OF_VISITS = (CARETAKER, ON_SITE)
