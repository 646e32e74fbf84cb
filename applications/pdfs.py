"""Taking in a PDF that a stranger sends: bounded while it arrives, looked into by a process that may die."""

import hashlib
import json
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

PROBE: Final = Path(__file__).with_name("pdf_probe.py")
SECONDS: Final = 15
LONGEST_NAME: Final = 120


class LimitedUpload(TemporaryFileUploadHandler):
    """Writes to disk what fits and drops the rest as it arrives; notes on the request that it did."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start + len(raw_data) > settings.UPLOAD_LIMIT_BYTES:
            self.request.was_too_large = True  # type: ignore[union-attr]
            raise SkipFile
        super().receive_data_chunk(raw_data, start)
        return None


@dataclass(frozen=True)
class Probed:
    """What the probe says: fine, not_pdf, encrypted, active, heavy, long or unreadable; and the number of pages."""

    verdict: str
    pages: int = 0


def look_into(upload: UploadedFile[Any]) -> Probed:
    """Probe `upload` in a process of its own. A process that was killed, or that takes too long, met a bomb."""
    with _on_disk(upload) as path:
        try:
            done = subprocess.run(  # noqa: S603 - our own script, with the path of a temporary file
                [sys.executable, "-I", str(PROBE), path], capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return Probed("heavy")
    if done.returncode < 0:
        return Probed("heavy")
    try:
        return Probed(**json.loads(done.stdout))
    except (ValueError, TypeError):
        return Probed("unreadable")


@contextmanager
def _on_disk(upload: UploadedFile[Any]) -> Iterator[str]:
    if isinstance(upload, TemporaryUploadedFile):
        upload.flush()
        yield upload.temporary_file_path()
        return
    with tempfile.NamedTemporaryFile(suffix=".pdf") as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        upload.seek(0)
        yield copy.name


def sha256_of(upload: UploadedFile[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def clean_name(name: str) -> str:
    """`name` without folders, control and direction signs, not too long, and ending in .pdf."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C")
    stem = plain.strip(" .")
    stem = stem[:-4] if stem.lower().endswith(".pdf") else stem
    return f"{stem[:LONGEST_NAME].strip() or 'document'}.pdf"
