"""Domains of e-mail addresses that stand for an institution."""

from email_validator import EmailNotValidError, validate_email

from repository.access.mail_providers import PROVIDERS
from repository.core.errors import FieldError, ValidationFailed
from repository.core.messages import N_

MAX_DOMAIN = 253
# Under these, with a country behind them, everyone may register a name. Not under edu, ac, gov.
OPEN_TO_ALL = frozenset(("biz", "co", "com", "info", "int", "io", "name", "net", "org", "pro"))


def above(domain: str) -> list[str]:
    """`b.c` and `c` of `a.b.c`."""
    parts = domain.split(".")
    return [".".join(parts[index:]) for index in range(1, len(parts))]


def institution(text: str, pointer: str, *, subdomains: bool) -> str:
    """The domain in lower case, as it stands in addresses here; an @ before it is left out.

    Raises ValidationFailed where it is none, where everyone may have an address at it, and, with
    `subdomains`, where everyone may have a domain below it.
    """
    domain = text.strip().rpartition("@")[2]
    try:
        found = validate_email(
            f"a@{domain[: MAX_DOMAIN + 1]}", check_deliverability=False, test_environment=True
        ).domain.lower()
    except EmailNotValidError as error:
        message = N_("This is not a domain; it should look like university.edu.vn.")
        raise ValidationFailed(errors=[FieldError(pointer, message)]) from error
    if not PROVIDERS.isdisjoint((found, *above(found))):
        message = N_(
            "Everyone can have an address at %(domain)s: it stands for no institution. Give "
            "access to the persons instead."
        )
        raise ValidationFailed(errors=[FieldError(pointer, message, {"domain": found})])
    first, _, country = found.partition(".")
    if not country or (subdomains and first in OPEN_TO_ALL and len(country) == 2):
        message = N_("Everyone can register a name under %(domain)s: it stands for no institution.")
        raise ValidationFailed(errors=[FieldError(pointer, message, {"domain": found})])
    return found
