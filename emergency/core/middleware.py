"""What every request passes: security headers, idle sign-out, and the origin that the audit notes."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from emergency.core import audit

Handler = Callable[[HttpRequest], HttpResponse]

SESSION_SEEN = "_seen"
SESSION_RENEW_EVERY = 60  # seconds; renewing at every request would write the session each time
POLLING_HEADER = "X-Polling"  # sent by progress polling, which must not keep an unattended desk signed in


def security_headers(get_response: Handler) -> Handler:
    """A strict content policy: nothing inline, nothing from another host."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response

    return middleware


def idle_session(get_response: Handler) -> Handler:
    """Work keeps the session alive for another SESSION_COOKIE_AGE; polling does not."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if POLLING_HEADER not in request.headers and request.user.is_authenticated:
            present = int(timezone.now().timestamp())
            if present - request.session.get(SESSION_SEEN, 0) >= SESSION_RENEW_EVERY:
                request.session[SESSION_SEEN] = present
        return get_response(request)

    return middleware


def audit_origin(get_response: Handler) -> Handler:
    """Everything that this request writes is audited under its user, address and request id."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with audit.bind(request):
            return get_response(request)

    return middleware
