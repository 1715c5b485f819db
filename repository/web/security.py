"""What every answer tells browsers to refuse, and what keeps other sites' forms out."""

from urllib.parse import urlsplit

from flask import Flask, request, session
from flask_wtf.csrf import CSRFError, CSRFProtect, validate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response
from wtforms import ValidationError

from repository.core.settings import Settings
from repository.web.negotiation import is_api, is_machine

# Scripts and styles come from /static/ alone. There is no nonce: a nonce in a page that shared
# caches keep would be the same for everyone, and pages have no inline script to need one.
# (JSON-LD in <script type="application/ld+json"> is data; the policy does not concern it.)
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; media-src 'self'; frame-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
UNTRUSTED_POLICY = "default-src 'none'; sandbox; frame-ancestors 'self'"
EMBEDDED_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors *"
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HSTS = "max-age=31536000"
EXECUTABLE_TYPES = ("javascript", "ecmascript", "text/css")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
CSRF_HEADER = "X-CSRFToken"

csrf = CSRFProtect()


def harmless(media_type: str) -> str:
    """The type to send someone's bytes as: never one that browsers take as script or style."""
    executable = any(word in media_type.lower() for word in EXECUTABLE_TYPES)
    return "text/plain; charset=utf-8" if executable else media_type


def untrusted(response: Response) -> Response:
    """Make an answer made of someone's bytes harmless on our origin, also when opened directly.

    Without scripts, forms or origin (sandbox); and never typed as script or style, because our
    own policy trusts those from this origin and nosniff makes every other type useless for it.
    """
    if harmless(response.mimetype or "") != (response.mimetype or ""):
        response.content_type = harmless(response.mimetype or "")
    response.headers["Content-Security-Policy"] = UNTRUSTED_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def embeddable(response: Response) -> Response:
    """Let any site show this answer in a frame: only for pages that are public, hold nothing of
    the reader's and do nothing when they are clicked but open a page of ours elsewhere.
    """
    response.headers["Content-Security-Policy"] = EMBEDDED_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def has_bearer() -> bool:
    """Whether a token was sent; the session then counts for nothing."""
    return request.headers.get("Authorization", "").lower().startswith("bearer ")


def _refuse_forged() -> None:
    """Refuse a change that another site's page may have caused (CSRF).

    Pages send the token in the form or the X-CSRFToken header. The API wants the header when the
    browser's session is what identifies the user; its body is not touched, it may be a file.
    """
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    if is_api():
        if "_user_id" in session and not has_bearer():
            try:
                validate_csrf(request.headers.get(CSRF_HEADER))
            except ValidationError as error:
                raise CSRFError(error.args[0]) from error
    elif not is_machine(request.path):
        csrf.protect()


def _policy(settings: Settings) -> str:
    """Where browsers send parts of uploads to the store themselves, pages may speak to it."""
    stores = [settings.s3_browser_url, *(each.browser_url for each in settings.stores.values())]
    origins = [urlsplit(address) for address in stores if address]
    told = " ".join(["connect-src 'self'", *(f"{each.scheme}://{each.netloc}" for each in origins)])
    return CONTENT_SECURITY_POLICY.replace("connect-src 'self'", told)


def init_app(app: Flask, settings: Settings) -> None:
    secure = settings.base_url.startswith("https://")
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=settings.session_hours * 3600,
        WTF_CSRF_SSL_STRICT=secure,
    )
    csrf.init_app(app)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)
        app.wsgi_app = proxied  # type: ignore[method-assign]
    app.before_request(_refuse_forged)

    headers = HEADERS | {"Content-Security-Policy": _policy(settings)}

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if "frame-ancestors *" in response.headers["Content-Security-Policy"]:
            del response.headers["X-Frame-Options"]  # it knows no "anyone"
        if secure:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        return response
