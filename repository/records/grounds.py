"""On what lawful ground personal data may be processed."""

from typing import NamedTuple

from repository.core.messages import N_


class Ground(NamedTuple):
    """`sources` names where it stands: Vietnam's Law on Personal Data Protection (91/2025/QH15,
    PDPL: article 9 of consent, 16 of making public, 19 of processing without consent), the EU's
    General Data Protection Regulation.
    """

    id: str
    label: str
    sources: str


GROUNDS = (
    Ground("consent", N_("Those concerned agreed"), "PDPL 9; GDPR 6(1)(a)"),
    Ground("contract", N_("An agreement with those concerned"), "PDPL 19(1)(d); GDPR 6(1)(b)"),
    Ground("legal-obligation", N_("A duty laid down by law"), "PDPL 19(1)(đ); GDPR 6(1)(c)"),
    Ground("vital-interests", N_("To protect life or health"), "PDPL 19(1)(a); GDPR 6(1)(d)"),
    Ground(
        "public-task",
        N_("The work of a state agency, or a task in the public interest"),
        "PDPL 19(1)(c); GDPR 6(1)(e)",
    ),
    Ground("emergency", N_("A state of emergency, or national security"), "PDPL 19(1)(b)"),
    Ground(
        "published-by-law",
        N_("Made public as the law provides"),
        "PDPL 16",
    ),
    Ground(
        "legitimate-interests",
        N_("Legitimate interests (of data collected under EU law)"),
        "GDPR 6(1)(f)",
    ),
)
_BY_ID = {ground.id: ground for ground in GROUNDS}


def find_ground(ground_id: str) -> Ground | None:
    return _BY_ID.get(ground_id)
