"""What the portal costs, measured beside the least that the same server and database can do for the same question.

`python -m benchmarks --help` lists the measurements; `docs/performance.md` says what their figures mean.
"""
