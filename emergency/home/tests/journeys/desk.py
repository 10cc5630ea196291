"""A person at a screen: a real browser, signed in through the login page, that forgives nothing it sees."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from PIL import Image, ImageDraw
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, Response, expect

from emergency.organizations.models import User
from emergency.organizations.tests.factories import PASSWORD

AXE = settings.VAR_DIR / "cache" / "axe" / "axe.min.js"
#: Where pictures of the pages go when somebody wants to look at them; nowhere otherwise.
SHOTS = os.environ.get("JOURNEY_SHOTS", "")
#: The two screens that the portal is built for; a tablet is a small desk.
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SCREENS = {"desktop": DESKTOP, "phone": PHONE}

#: Milliseconds until something that does not come counts as missing; long, because test machines are busy.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)

#: Findings of these weights keep somebody from using the page.
GRAVE = ("serious", "critical")
_FIND_FAULTS = """async () => {
    const found = await axe.run(document, {resultTypes: ['violations']});
    return found.violations.map(one => [one.impact, one.id, one.nodes.map(node => node.target.join(' ')).slice(0, 5)]);
}"""
_TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Desk:
    """One browser window. ``page`` is Playwright's; what it reports meanwhile gathers in ``faults``."""

    def __init__(self, context: BrowserContext, address: str, screen: str, *, script: bool = True) -> None:
        self.context, self.address, self.screen, self.script = context, address, screen, script
        self.faults: list[str] = []
        self._refusals: set[int] = set()
        if script:
            context.add_init_script(path=AXE)
        context.on("request", self._asked)
        context.on("response", self._answered)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(f"script failed: {error.error}"))
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)

    # -- what must never happen --

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(self.address).netloc:
            self.faults.append(f"foreign host: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._refusals:
            self.faults.append(f"{response.status}: {response.request.method} {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        """Errors and broken policies. A refused request is told by its answer, the browser's line repeats it."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text} ({message.location.get('url')})")

    @contextlib.contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """What is done inside may be answered with this status."""
        self._refusals.add(status)
        yield
        self._refusals.discard(status)

    def leave(self) -> None:
        self.context.close()
        assert not self.faults, "\n".join(self.faults)

    # -- doing --

    def open(self, path: str) -> Response:
        response = self.page.goto(self.address + path)
        assert response is not None
        return response

    def sign_in(self, user: User, password: str = PASSWORD) -> Desk:
        """Through the login page, which leads home."""
        self.open("/organizations/login/")
        self.page.get_by_label("登录名").fill(user.username)
        self.page.get_by_label("密码").fill(password)
        self.press("登录")
        return self

    def press(self, name: str | re.Pattern[str]) -> None:
        """A button or a link that looks like one, by its whole name."""
        exact = isinstance(name, str)
        button = self.page.get_by_role("button", name=name, exact=exact)
        button.or_(self.page.get_by_role("link", name=name, exact=exact)).first.click()

    def field(self, label: str) -> Locator:
        """A field by its label, with or without the mark of a required one; of several rows the one shown."""
        whole = re.compile(rf"^\s*{re.escape(label)}\s*(\*\s*（必填）)?\s*$")
        return self.page.get_by_label(whole).filter(visible=True)

    def photos(self, label: str, *pictures: dict[str, Any]) -> None:
        """Choose files for a photo field, and wait until the browser has shrunk them."""
        box = self.page.locator(".field", has=self.page.get_by_label(label)).filter(visible=True)
        box.locator("input[type=file]").set_input_files(list(pictures))
        if self.script:
            expect(box.get_by_role("img")).to_have_count(len(pictures))

    def choose_enterprise(self, words: str, name: str) -> None:
        """Type into the picker and take what it offers."""
        self.page.locator("#id_enterprise-ts-control").fill(words)
        self.page.locator(".ts-dropdown .option", has_text=name).click()
        expect(self.page.locator(".ts-control .item")).to_have_text(name)

    def expect_told(self, words: str | re.Pattern[str]) -> None:
        """The message on top after something was done."""
        expect(self.page.locator(".messages")).to_contain_text(words)

    # -- looking --

    def look(self, name: str) -> None:
        """The page as it stands: usable by everybody (axe), nothing running over the side."""
        self.page.wait_for_load_state("load")  # a half-read page has links without their words
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(SHOTS) / f"{name}-{self.screen}.png", full_page=True)
        if self.script:
            found = self.page.evaluate(_FIND_FAULTS)
            grave = [one for one in found if one[0] in GRAVE]
            assert not grave, f"axe, {name} on {self.screen}: {grave}"
            over = self.page.evaluate(_TOO_WIDE)
            assert over <= 0, f"{name} on {self.screen} is {over} px too wide"


def photo(words: str, colour: str = "#7a8f6a") -> dict[str, Any]:
    """A picture as a phone takes it: larger than what is to be sent, each with other words and so of another digest."""
    picture = Image.new("RGB", (2000, 1500), colour)
    ImageDraw.Draw(picture).text((100, 100), words, fill="white")
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=90)
    return {"name": f"{words}.jpg", "mimeType": "image/jpeg", "buffer": target.getvalue()}
