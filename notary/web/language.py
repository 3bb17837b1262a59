"""The languages of the pages: which one an answer is in, and its catalogue.

English is the language of the sources. The catalogues of the others are `.po` files, read as they are and kept. Chosen
are, in this order: ``?lang=``, the cookie that it sets, what the browser asks for.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import flask_babel
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, request

from notary.web.problem import for_programs

FOLDER = Path(__file__).parent / "translations"
COOKIE = "lang"
_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its BCP 47 tag, Babel's name of it, what it calls itself, and how its lines run."""

    tag: str
    locale: str
    name: str
    direction: str = "ltr"


LANGUAGES = (Language("en", "en", "English"), Language("zh-Hans", "zh_Hans", "中文"))


@dataclass(frozen=True, slots=True)
class Choice:
    """A language that the current page can be had in, and where."""

    language: Language
    address: str
    here: bool


def _(message: str, /, **values: object) -> str:
    """Return ``message`` in the language of the current request, filled in with ``values``."""
    return str(flask_babel.gettext(message, **values))


def N_(message: str) -> str:  # noqa: N802 (the name that extractors of messages know)
    """Return ``message`` as it is: marked for the catalogues, and translated where it is used."""
    return message


def install(app: Flask) -> None:
    """Translate the pages of ``app``; give templates ``language()`` and ``languages()``."""
    Catalogues(app, default_locale="en", locale_selector=lambda: current().locale)
    app.jinja_env.globals["language"] = current
    app.jinja_env.globals["languages"] = choices

    @app.after_request
    def remember(response: Response) -> Response:
        if not for_programs() and response.mimetype == "text/html":
            response.vary.update(("Accept-Language", "Cookie"))
            asked = _known(request.args.get(COOKIE, ""))
            if asked is not None:
                response.set_cookie(
                    COOKIE, asked.tag, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure
                )
        return response


def current() -> Language:
    """Return the language of the current request."""
    wanted = (request.args.get(COOKIE, ""), request.cookies.get(COOKIE, ""), *request.accept_languages.values())
    return next((known for known in map(_known, wanted) if known is not None), LANGUAGES[0])


def choices() -> list[Choice]:
    """Return the current page's addresses in every language."""
    others = [(name, value) for name, value in request.args.items(multi=True) if name != COOKIE]
    here = current()
    return [Choice(one, "?" + urlencode([*others, (COOKIE, one.tag)]), one is here) for one in LANGUAGES]


def _known(tag: str) -> Language | None:
    """Return our language that is closest to a tag: of Chinese there is one."""
    primary = tag.lower().replace("_", "-").partition("-")[0]
    return next((one for one in LANGUAGES if one.tag.partition("-")[0] == primary), None)


class Catalogues(flask_babel.Babel):  # type: ignore[misc]  # the package has no types
    """Flask-Babel over :func:`translations`."""

    @property
    def domain_instance(self) -> flask_babel.Domain:
        """Return where messages are looked up."""
        return _DOMAIN


class _Domain(flask_babel.Domain):  # type: ignore[misc]
    def get_translations(self) -> NullTranslations:
        return translations(current().locale)


_DOMAIN = _Domain()


@cache
def translations(locale: str) -> NullTranslations:
    """Return the catalogue of a language; that of English is empty."""
    path = FOLDER / locale / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
