"""What every request passes: security headers, idle sign-out, the first change of password, and the origin for the audit."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
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


def password_first(get_response: Handler) -> Handler:
    """Whose password is a temporary one is led to change it before anything else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or not request.user.must_change_password:
            return get_response(request)
        change = resolve_url(settings.PASSWORD_CHANGE_URL)
        if request.path in (change, resolve_url(settings.LOGOUT_URL)):
            return get_response(request)
        if request.headers.get("HX-Request") == "true":  # a fragment would show the page inside the page
            return HttpResponse(headers={"HX-Redirect": change})
        return redirect(change)

    return middleware


def audit_origin(get_response: Handler) -> Handler:
    """Everything that this request writes is audited under its user, address and request id; so is a refused attempt.

    The refusal is written here, after the transaction that it ended was rolled back.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        with audit.bind(request):
            response = get_response(request)
            if getattr(request, "refused", None) is not None:
                audit.record_refusal("page.refused", note=f"{request.method} {request.path}")
            return response

    def process_exception(request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, PermissionDenied):
            setattr(request, "refused", exception)  # noqa: B010 (a note of ours on Django's object)

    setattr(middleware, "process_exception", process_exception)  # noqa: B010 (where Django looks for it)
    return middleware
