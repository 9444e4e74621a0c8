"""What the company knows and may do: areas, windows, customers, jobs, visits.

Rooms: `models` (tables), `rules` (pure decisions), `calendars` (pure iCalendar), `links` (personal links), `reads`
(questions, which write nothing), `actions` (changes, which take a `Work` first and never commit), `suppliers`
(geocoder; the network). Nothing in here knows Flask, Twilio or a page.
"""
