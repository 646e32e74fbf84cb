"""Draws the first page of a PDF or image and reads its text, in a process of its own with limits of time and memory.

Run as `python -I closer_look.py PATH`: writes one line of JSON (text, bytes of the picture) and the picture, a PNG.
With `--image` it writes the whole image again without anything but its pixels. It knows nothing of the rest.
"""

import io
import json
import resource
import sys
from typing import Any, Final

import pypdfium2
from PIL import Image, ImageOps

MEMORY: Final = 1536 * 1024 * 1024
CPU_SECONDS: Final = 20
WIDTH: Final = 700
MOST_TEXT: Final = 60_000
MOST_PAGES_READ: Final = 40
MOST_PIXELS: Final = 50_000_000
KINDS: Final = {"PNG": "png", "JPEG": "jpg"}


def of_pdf(path: str) -> tuple[dict[str, Any], bytes]:
    document = pypdfium2.PdfDocument(path)
    page = document[0]
    scale = min(WIDTH / max(page.get_width(), 1), 4)
    picture = page.render(scale=scale).to_pil().convert("RGB")
    picture.thumbnail((WIDTH, WIDTH * 2))
    texts = []
    for number in range(min(len(document), MOST_PAGES_READ)):
        texts.append(document[number].get_textpage().get_text_bounded())
        if sum(map(len, texts)) > MOST_TEXT:
            break
    return {"text": "\n\n".join(texts)[:MOST_TEXT]}, _png(picture)


def _png(picture: Any) -> bytes:
    made = io.BytesIO()
    picture.save(made, "PNG", optimize=False)
    return made.getvalue()


def _opened(path: str) -> Any:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow refuses twice this
    return Image.open(path, formats=list(KINDS))


def of_image(path: str) -> tuple[dict[str, Any], bytes]:
    picture = _opened(path).convert("RGB")
    picture.thumbnail((WIDTH, WIDTH * 2))
    return {"text": ""}, _png(picture)


def again(path: str) -> tuple[dict[str, Any], bytes]:
    """The image anew, upright, without metadata, further frames and whatever hung on to it."""
    opened = _opened(path)
    kind = opened.format
    opened.load()
    picture = ImageOps.exif_transpose(opened)
    plain = picture.convert("RGBA" if kind == "PNG" and "A" in picture.getbands() else "RGB")
    made = io.BytesIO()
    plain.save(made, kind, **({"quality": 90} if kind == "JPEG" else {}))
    return {"kind": KINDS[str(kind)]}, made.getvalue()


def main(words: list[str]) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    path = words[-1]
    look = again if "--image" in words else of_pdf if path.endswith(".pdf") else of_image
    try:
        facts, picture = look(path)
    except Exception as error:  # whatever a damaged file does to a decoder
        facts, picture = {"error": type(error).__name__}, b""
    sys.stdout.buffer.write(json.dumps({**facts, "bytes": len(picture)}).encode() + b"\n" + picture)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
