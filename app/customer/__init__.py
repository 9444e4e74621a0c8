"""The customer's pages: start, choose, review, booked, change, cancel, and the calendar file."""
