"""What changes things. Every action takes a `Work` first, then ids and values; none of them commits."""
