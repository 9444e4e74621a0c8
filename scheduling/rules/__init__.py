"""Pure decisions: plain values in, plain values out.

No session, no model, no network and no present moment: whatever a rule needs is handed to it. The only files
that are read are those in `scheduling/data/`.
"""
