"""Licences in plain words: what a reader may do, must do, and may not do."""

from dataclasses import dataclass

from repository.core.messages import N_

SHARE = N_("Copy and share it")
ADAPT = N_("Change it and build upon it")
SELL = N_("Use it commercially")
CREDIT = N_("Name the authors and the source")
ALIKE = N_("Share your version under the same licence")
NO_SALE = N_("Use it commercially")
NO_CHANGE = N_("Share a changed version")
KEEP_NOTICE = N_("Keep the copyright and licence notices")


@dataclass(frozen=True)
class Terms:
    """English msgids."""

    name: str
    may: tuple[str, ...]
    must: tuple[str, ...] = ()
    may_not: tuple[str, ...] = ()


ALL = (SHARE, ADAPT, SELL)
SOFTWARE = (KEEP_NOTICE,)
FAMILIES = {
    "cc0": Terms(N_("No rights reserved: free for every use"), ALL),
    "pddl": Terms(N_("No rights reserved: free for every use"), ALL),
    "cc-by": Terms(N_("Free for every use that names the authors"), ALL, (CREDIT,)),
    "odc-by": Terms(N_("Free for every use that names the authors"), ALL, (CREDIT,)),
    "cc-by-sa": Terms(N_("Free for every use, shared alike"), ALL, (CREDIT, ALIKE)),
    "odbl": Terms(N_("Free for every use, shared alike"), ALL, (CREDIT, ALIKE)),
    "cc-by-nc": Terms(N_("Free for non-commercial use"), (SHARE, ADAPT), (CREDIT,), (NO_SALE,)),
    "cc-by-nc-sa": Terms(
        N_("Free for non-commercial use, shared alike"), (SHARE, ADAPT), (CREDIT, ALIKE), (NO_SALE,)
    ),
    "cc-by-nd": Terms(N_("Free to share unchanged"), (SHARE, SELL), (CREDIT,), (NO_CHANGE,)),
    "cc-by-nc-nd": Terms(
        N_("Free to share unchanged, non-commercially"), (SHARE,), (CREDIT,), (NO_SALE, NO_CHANGE)
    ),
    "mit": Terms(N_("Free software for every use"), ALL, SOFTWARE),
    "apache": Terms(N_("Free software for every use"), ALL, SOFTWARE),
    "bsd": Terms(N_("Free software for every use"), ALL, SOFTWARE),
    "gpl": Terms(N_("Free software, shared alike"), ALL, (*SOFTWARE, ALIKE)),
    "agpl": Terms(N_("Free software, shared alike"), ALL, (*SOFTWARE, ALIKE)),
    "lgpl": Terms(N_("Free software, shared alike"), ALL, (*SOFTWARE, ALIKE)),
}


def terms_of(licence_id: str) -> Terms | None:
    """By an SPDX id in any case (`CC-BY-4.0`); None for a licence whose words we do not know."""
    parts = licence_id.lower().split("-")
    while parts:
        found = FAMILIES.get("-".join(parts))
        if found is not None:
            return found
        parts.pop()
    return None
