"""Questions. Every read takes a session first, writes nothing, and returns frozen values."""
