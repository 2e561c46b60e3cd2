"""Pictures for the demo market, drawn from traditional patterns by our own code.

No file, font or picture from elsewhere is used. Everything is deterministic: the same seed gives the same pixels.
"""
