"""For whom the messages speak."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Company:
    """The company as its customers know it.

    `phone` is written for people ("033 303 90 00"); it and `email` may be empty. `public_url` is the base of every
    link, without a slash at its end; `brand_color` is "#rrggbb".
    """

    name: str
    phone: str
    email: str
    public_url: str
    brand_color: str
