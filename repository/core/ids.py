"""Public identifiers of records and versions."""

import base32_lib


def new_id() -> str:
    """A random id such as `k3x9a-1mz42`: 40 random bits in Crockford base 32 and two check digits.

    Random so that ids tell nothing of what else exists; without vowels that make words, and
    with check digits so that a mistyped id is not found rather than another's. The shape is
    the one InvenioRDM's clients expect. Whoever stores it asks first whether it is taken.
    """
    generated: str = base32_lib.generate(length=10, split_every=5, checksum=True)
    return generated
