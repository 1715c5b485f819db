"""What a user's values must be; each rule adds to a list of errors, to tell all at once."""

from email_validator import EmailNotValidError, validate_email

from repository.accounts.models import Role, Scope
from repository.core.errors import FieldError
from repository.core.messages import N_

MIN_PASSWORD, MAX_PASSWORD = 10, 1000
MAX_EMAIL, MAX_NAME, MAX_AFFILIATION, MAX_TOKEN_NAME = 254, 200, 300, 100
LOCALES = ("vi", "en")
Errors = list[FieldError]


def email(text: str, errors: Errors, pointer: str = "/email") -> str:
    """The address in lower case (one person, one account). Nothing is asked of the network."""
    try:
        found = validate_email(
            text.strip()[: MAX_EMAIL + 1], check_deliverability=False, test_environment=True
        )
    except EmailNotValidError:
        message = N_("This is not an e-mail address; it should look like name@example.org.")
        errors.append(FieldError(pointer, message))
        return text
    return found.normalized.lower()


def password(text: str, email: str, errors: Errors, pointer: str = "/password") -> None:
    """NIST SP 800-63B section 5.1.1.2: length counts, and nothing anyone would guess first;
    no rules about kinds of characters.
    """
    if len(text) < MIN_PASSWORD:
        message = N_("Use at least %(count)s characters; a sentence is easiest to remember.")
        errors.append(FieldError(pointer, message, {"count": MIN_PASSWORD}))
    elif len(text) > MAX_PASSWORD:
        message = N_("Use at most %(count)s characters.")
        errors.append(FieldError(pointer, message, {"count": MAX_PASSWORD}))
    elif text.lower() in (email, email.partition("@")[0]) or len(set(text)) < 4:
        message = N_("This password is too easy to guess; do not use your e-mail address.")
        errors.append(FieldError(pointer, message))


def required(text: str, pointer: str, limit: int, errors: Errors) -> str:
    """The text without spaces around it."""
    text = " ".join(text.split())
    if not text:
        errors.append(FieldError(pointer, N_("This is needed.")))
    return limited(text, pointer, limit, errors)


def limited(text: str, pointer: str, limit: int, errors: Errors) -> str:
    text = " ".join(text.split())
    if len(text) > limit:
        message = N_("Use at most %(count)s characters.")
        errors.append(FieldError(pointer, message, {"count": limit}))
    return text


def orcid(text: str, errors: Errors) -> str:
    """The sixteen digits with hyphens, of an ORCID iD or its address; empty when none is given."""
    if not text:
        return ""
    from idutils import is_orcid, normalize_orcid  # a quarter of a second, most commands' longest

    if not is_orcid(text):
        message = N_("This is not an ORCID iD; it looks like 0000-0002-1825-0097.")
        errors.append(FieldError("/orcid", message))
        return text
    return str(normalize_orcid(text))


def role(text: str, errors: Errors) -> Role:
    try:
        return Role(text)
    except ValueError:
        message = N_("Choose one of: %(choices)s.")
        errors.append(FieldError("/role", message, {"choices": ", ".join(Role)}))
        return Role.RESEARCHER


def locale(text: str, errors: Errors) -> str | None:
    """A language of the interface; None for the site's default."""
    if text and text not in LOCALES:
        message = N_("Choose one of: %(choices)s.")
        errors.append(FieldError("/locale", message, {"choices": ", ".join(LOCALES)}))
    return text or None


def scopes(names: list[str], errors: Errors) -> list[str]:
    """The scopes named, each once and in the order of `Scope`."""
    known = [scope.value for scope in Scope]
    if not names or not set(names) <= set(known):
        message = N_("Choose at least one of: %(choices)s.")
        errors.append(FieldError("/scopes", message, {"choices": ", ".join(known)}))
    return [scope for scope in known if scope in names]
