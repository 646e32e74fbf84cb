"""Taking in a PDF that a stranger sends: bounded while it arrives, looked into by a process that may die."""

import atexit
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

PROBE: Final = Path(__file__).with_name("pdf_probe.py")
CLOSER: Final = Path(__file__).with_name("closer_look.py")
SUFFIX: Final = re.compile(r"\.(pdf|png|jpe?g)$", re.IGNORECASE)
AT_ONCE: Final = 3
LONGEST_LOOK: Final = 30
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


class Prober:
    """A probe that waits for files, started when the first one comes and again when it has died; one file at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[str] | None = None

    def ask(self, path: str) -> str:
        """What the probe says of the file at `path`; nothing when it died on it."""
        process = self._started()
        if process.stdin is None or process.stdout is None:
            return ""
        try:
            process.stdin.write(f"{path}\n")
            process.stdin.flush()
            return process.stdout.readline()
        except OSError:
            return ""

    def close(self) -> None:
        """Let the probe go: it ends when nobody writes to it any more."""
        if self.process is not None:
            with suppress(OSError):
                self.process.communicate()
            self.process = None

    def _started(self) -> "subprocess.Popen[str]":
        if self.process is None or self.process.poll() is not None:
            self.close()
            command = [sys.executable, "-I", str(PROBE)]
            self.process = subprocess.Popen(  # noqa: S603 - our own script
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        return self.process


_probers: Final[dict[int, tuple[Prober, ...]]] = {}


@atexit.register
def close_probers() -> None:
    """Let go the probes that this process started."""
    for prober in _probers.pop(os.getpid(), ()):
        prober.close()


@contextmanager
def _prober() -> Iterator[Prober]:
    """A probe of this process that is free, or the first to become so: a slow file holds up no other one."""
    own = _probers.setdefault(os.getpid(), tuple(Prober() for _n in range(AT_ONCE)))
    chosen = next((each for each in own if each.lock.acquire(blocking=False)), None)
    if chosen is None:
        chosen = random.choice(own)  # noqa: S311 - any will do
        chosen.lock.acquire()
    try:
        yield chosen
    finally:
        chosen.lock.release()


def look_into(upload: UploadedFile[Any]) -> Probed:
    """Probe `upload` in a process of its own. A probe that was killed, or that takes too long, met a bomb."""
    with _on_disk(upload) as path, _prober() as prober:
        said = prober.ask(path)
    try:
        return Probed(**json.loads(said)) if said else Probed("heavy")
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


@dataclass(frozen=True)
class Looked:
    """What a closer look gave: facts, and a picture (of the first page, or the whole image anew)."""

    facts: dict[str, Any]
    picture: bytes


def look_closer(path: str, *words: str) -> Looked:
    """Draw the first page of the file at `path` and read its text; with "--image", make the image anew.

    In a process of its own: one that dies of the file gives nothing.
    """
    command = [sys.executable, "-I", str(CLOSER), *words, path]
    try:
        done = subprocess.run(  # noqa: S603 - our own script
            command, capture_output=True, timeout=LONGEST_LOOK, check=False
        )
        line, _end, picture = done.stdout.partition(b"\n")
        facts = json.loads(line) if line else {"error": "died"}
    except (subprocess.TimeoutExpired, ValueError):
        return Looked({"error": "died"}, b"")
    return Looked(facts, picture if facts.get("bytes") == len(picture) else b"")


def is_image(upload: UploadedFile[Any]) -> bool:
    """Whether it begins as a PNG or a JPEG does."""
    head: bytes = upload.read(8)
    upload.seek(0)
    return head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))


def image_again(upload: UploadedFile[Any]) -> tuple[str, bytes]:
    """The kind ("png" or "jpg") and the bytes of an uploaded image made anew; nothing when it is none."""
    with _on_disk(upload) as path:
        looked = look_closer(path, "--image")
    return str(looked.facts.get("kind", "")), looked.picture


def clean_name(name: str, suffix: str = "pdf") -> str:
    """`name` without folders, control and direction signs, not too long, and ending in `suffix`."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C")
    stem = plain.strip(" .")
    stem = SUFFIX.sub("", stem)
    return f"{stem[:LONGEST_NAME].strip() or 'document'}.{suffix}"
