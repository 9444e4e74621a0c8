"""What we say, and getting it there: from an event to a delivered message.

`announce` turns an event into messages, in the transaction in which it happened; `texts` words them; the outbox is the
table in `models`. `relay` takes out what is due and hands it to one of the `providers`, the only code that knows a
supplier; `inbound` takes in what comes back, and `log` tells what was said. Nothing in here knows Flask.
"""
