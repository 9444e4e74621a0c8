"""The demonstration company: Warmtehuis Eemland, which does not exist, with customers who do not either."""
