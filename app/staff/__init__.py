"""Staff doors: sign-in, the overview of windows and visits, the messages."""
