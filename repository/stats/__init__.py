"""How often records are looked at and fetched, counted without following anybody.

After the COUNTER Code of Practice for Research Data, release 1.
"""
