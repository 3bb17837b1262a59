"""Make and check profiles: JSON files that say where in a publisher's pages the article is.

`suggest` drafts one from a page, `check` shows what one takes of pages and what it leaves. A person looks at that and
decides: nothing here is part of a verification. docs/profiles.md shows how, in ten minutes.

  notary profile suggest page.html > portal.profile.json
  notary profile check portal.profile.json page.html another.html
"""

from __future__ import annotations

import argparse

from notary.cli import files, inspection, output, pages
from notary.core.html import MAX_PAGE_BYTES, parse_page
from notary.core.jcs import Json
from notary.core.profile import Profile
from notary.errors import NotaryError, UsageError
from notary.ingest.check import Inspection, error_json, inspect_page

ACTIONS = {
    "check": "show what a profile takes of pages, and what it leaves",
    "suggest": "draft a profile from a page",
}

_CHECK = """\
Show, for each PAGE, what each selector of PROFILE takes and what all of them leave.

Read it as a reader would: is the headline the headline, does the body begin and end where the article does, is anything
of the article among what is left? A long paragraph that is left is pointed out. Check one page of each kind that you
publish (old and new design, with a table, with pictures): one profile must fit them all, or each kind gets its own.
Nothing is fetched; images are looked for beside the page.

  notary profile check portal.profile.json page.html another.html
  notary profile check --full portal.profile.json page.html

exit codes:
  0  the profile fits all pages
  2  the profile or a page cannot be used
  3  the profile does not fit a page: a selector takes no element there, or several, or one that is not shown
"""

_SUGGEST = """\
Draft a profile from PAGE and print it, as JSON; standard error says what was taken for what.

It is a guess from one page: where most sentences stand, what looks like a headline, a date, a source. A person must
look at it, with `notary profile check` and more pages, and mend the selectors. It is as good as the page: ids and
classes with a meaning make a profile that lasts, positions (:nth-of-type) do not.

  notary profile suggest page.html > portal.profile.json
  notary profile check portal.profile.json page.html another.html

exit codes:
  0  a profile was drafted
  2  the page cannot be read
  3  no article was found in the page
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")

    def add(name: str, description: str) -> argparse.ArgumentParser:
        return actions.add_parser(
            name,
            help=ACTIONS[name],
            description=description,
            formatter_class=parser.formatter_class,
            allow_abbrev=False,
        )

    check = add("check", _CHECK)
    check.add_argument("profile", metavar="PROFILE", help="the profile, a JSON file")
    check.add_argument("pages", metavar="PAGE", nargs="+", help="a page as it was saved or is published")
    check.add_argument("--full", action="store_true", help="show all lines of what is taken, and all that is left")
    check.add_argument("--json", action="store_true", help="print {fits, pages} as one line of JSON")
    suggest = add("suggest", _SUGGEST)
    suggest.add_argument("page", metavar="PAGE", help="the page; - is standard input")
    for action in (check, suggest):
        action.add_argument("--charset", metavar="LABEL", help="the encoding that came with the page over the network")


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    return _check(args) if args.action == "check" else _suggest(args)


def _check(args: argparse.Namespace) -> int:
    profile = pages.load_profile(args.profile)
    if args.pages.count("-") > 1:
        raise UsageError("Standard input is one page: name files for the others.", code="same-input")
    results: list[Json] = []
    code = fits = 0
    seen: list[Inspection] = []
    for path in args.pages:
        try:
            found = _inspect(path, profile, args.charset)
        except NotaryError as error:
            results.append({"page": path, "fits": False, "error": error_json(error)})
            code = 2
            _report(path, error)
            continue
        seen.append(found)
        results.append({"page": path, **found.to_json()})
        if not args.json:
            inspection.render(path, found, full=args.full)
        if found.problem is not None:
            code = code or 3
            output.note(f"notary: {path}: {inspection.misfit(found)}")
        fits += found.page is not None
    if args.json:
        output.json_line({"fits": fits == len(args.pages), "pages": results})
        return code
    for line in inspection.summary(seen, pages=len(args.pages), fits=fits):
        output.line(line)
    return code


def _inspect(path: str, profile: Profile, charset: str | None) -> Inspection:
    data = files.read_file(path, max_bytes=MAX_PAGE_BYTES, what="page")
    tree = parse_page(data, charset=charset)
    found = inspect_page(tree, profile)
    images = {} if found.page is None else pages.local_images(found.page, path)
    return inspect_page(tree, profile, supplied=images) if images else found


def _report(path: str, error: NotaryError) -> None:
    where = "" if path in error.message else f"{path}: "
    output.report_error(NotaryError(where + error.message, code=error.code, field=error.field, position=error.position))


def _suggest(args: argparse.Namespace) -> int:
    from notary.ingest.suggest import suggest

    data = files.read_file(args.page, max_bytes=MAX_PAGE_BYTES, what="page")
    draft = suggest(parse_page(data, charset=args.charset))
    for line in draft.reasons:
        output.note(f"notary: {line}")
    output.note("notary: a draft from one page: look at what it takes with notary profile check, on several pages")
    output.raw(draft.text.encode())
    return 0
