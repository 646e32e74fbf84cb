"""PDF by typst: a template of `templates/pdf` and data as JSON, so that what people typed is never markup.

    render_pdf("letter", {"title": "...", "lang": "ko", "programme": "...", ...}) -> bytes

Every file is PDF/A-2b and tagged. Each template says on top which data it takes.
"""

import json
import logging
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder

TEMPLATES: Final = Path(__file__).resolve().parent.parent / "templates" / "pdf"
FACE: Final = "Pretendard-Regular.ttf"
UNSHOWN: Final = re.compile(r'the text `"(?P<text>.+?)"` could not be displayed', re.DOTALL)
STAND_IN: Final = "□"
ATTEMPTS: Final = 20

log = logging.getLogger(__name__)


class FontMissing(ImproperlyConfigured):
    """The PDF font is not where `settings.PDF_FONT_DIR` says; without it every Korean name would be empty boxes."""


class TextNotShown(ValueError):
    """The text needs more signs that no font has than can be stood in for."""


def render_pdf(template: str, data: dict[str, Any]) -> bytes:
    """The PDF that `templates/pdf/<template>.typ` makes of `data` (JSON; days and instants as ISO text).

    Refuses with `FontMissing` when the font is not installed. A sign that the font lacks (a picture, a rare Hanja)
    stands as □, and the log says which: PDF/A allows no empty boxes of the viewer's own.
    """
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)
    for _attempt in range(ATTEMPTS):
        try:
            return _compile(template, text)
        except typst.TypstError as error:
            unshown = UNSHOWN.search(str(error))
            if unshown is None:
                raise
            text = _without(text, unshown["text"])
    raise TextNotShown(template)


@cache
def font_folder(configured: Path) -> Path:
    """The folder below `configured` that holds the TrueType faces."""
    found = next(iter(sorted(configured.rglob(FACE))), None) if configured.is_dir() else None
    if found is None:
        raise FontMissing(f"{FACE} is not below PDF_FONT_DIR; install the front-end packages (npm install)")
    return found.parent


def _compile(template: str, text: str) -> bytes:
    made: bytes = typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        font_paths=[str(font_folder(Path(settings.PDF_FONT_DIR)))],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": text},
        pdf_standards=["a-2b"],
    )
    return made


def _without(text: str, unshown: str) -> str:
    """`text` with each sign of `unshown` beyond ASCII stood in for; typst may write it as an escape."""
    signs = re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda match: chr(int(match[1], 16)), unshown)
    missing = {sign for sign in signs if not sign.isascii() and sign in text and sign != STAND_IN}
    if not missing:
        raise TextNotShown(signs)
    log.warning("the PDF font lacks %s", " ".join(f"U+{ord(sign):04X}" for sign in sorted(missing)))
    return text.translate({ord(sign): STAND_IN for sign in missing})
