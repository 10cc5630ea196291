"""The doors of pages: who may enter at all, before any row is looked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from emergency.organizations.scope.people import admin_role, business_user, holds


class Guard(LoginRequiredMixin):
    """The door of a page: the anonymous go to the login, those without the right get 403.

    A subclass says who may enter by ``may_enter``; rows are then another matter, of ``visible_to``.
    """

    def may_enter(self, user: Any) -> bool:
        raise NotImplementedError(f"{type(self).__name__} must say who may enter")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if not self.may_enter(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class BusinessMixin(Guard):
    """For officers and enterprises; the three administrators stay outside."""

    def may_enter(self, user: Any) -> bool:
        return business_user(user)


class RolesMixin(Guard):
    """For holders of one of ``roles``, anywhere; the action on a record still asks for its organisation."""

    roles: ClassVar[Iterable[str]] = ()

    def may_enter(self, user: Any) -> bool:
        return holds(user, self.roles)


class AdministratorMixin(Guard):
    """For one of the three administrators; each sees only their own pages."""

    administrator: ClassVar[str]

    def may_enter(self, user: Any) -> bool:
        return admin_role(user) == self.administrator


def entrance(
    test: Callable[[Any], bool],
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """The same door for a view that is a function: ``@entrance(business_user)``."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not test(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
