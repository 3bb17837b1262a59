"""The saved verifier: one HTML file that needs nothing else, the same bytes each time.

Run by ``.venv``'s Python, which has the catalogues: ``python -m scripts._dev.verifier SCRIPT FILE``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

from notary.web.offline import offline_strings

TEMPLATE = Path(__file__).with_name("verifier.html")
STYLE = Path(__file__).resolve().parents[2] / "notary" / "web" / "static" / "notary.css"

_PART = """<section data-role="{role}" aria-labelledby="title-{role}">
<h3 id="title-{role}" data-say="offline.{role}"></h3>
<p data-say="offline.{role}-hint"></p>
<label for="file-{role}" data-say="offline.choose"></label>
<input id="file-{role}" type="file" aria-describedby="state-{role} answer-{role}">
<label for="paste-{role}" data-say="offline.paste"></label>
<textarea id="paste-{role}" rows="3" spellcheck="false" autocapitalize="none" autocomplete="off"></textarea>
<p class="hint"><span id="state-{role}"></span></p>{print}
<button class="button plain small" id="clear-{role}" type="button" data-say="offline.clear"></button>
<p class="answer" id="answer-{role}" role="status"></p>
</section>"""
_PRINT = """
<p id="trust-print" hidden><span data-say="offline.fingerprint"></span>
<span class="hash" id="trust-fingerprint"></span></p>"""


def page(script: str) -> str:
    """Return the file that runs ``script``."""
    style = STYLE.read_text(encoding="utf-8")
    # Within a script element only these end it, or begin what is read as a comment; both mean the same to a program.
    script = re.sub(r"<(?=/script|!--)", r"\\x3c", script.strip(), flags=re.IGNORECASE)
    strings = json.dumps(offline_strings(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "connect-src https: http://127.0.0.1:* http://localhost:*; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types notary-inert"
    )
    parts = "\n".join(_PART.format(role=role, print=_PRINT if role == "trust" else "") for role in _ROLES)
    values = {"POLICY": policy, "STYLE": style, "PARTS": parts, "STRINGS": strings.replace("<", "\\u003c")}
    values["SCRIPT"] = script
    return re.sub("@([A-Z]+)@", lambda found: values[found[1]], TEMPLATE.read_text(encoding="utf-8"))


_ROLES = ("trust", "bundle", "copy")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(page(Path(sys.argv[1]).read_text(encoding="utf-8")).encode())
