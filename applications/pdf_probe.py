"""Looks into PDFs, each in a process of its own with limits of time and memory, and prints what it found as JSON.

Run as `python -I pdf_probe.py`: it reads a path a line and forks for each file, so that a bomb kills that child only,
and no file waits for Python to start. It knows nothing of the rest of the house.
"""

import base64
import json
import os
import re
import resource
import select
import signal
import sys
import zlib
from collections.abc import Iterator
from typing import Any, Final

from pypdf import PdfReader
from pypdf.errors import LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

MEMORY: Final = 1024 * 1024 * 1024
CPU_SECONDS: Final = 8
WALL_SECONDS: Final = 12
MOST_OBJECTS: Final = 200_000
MOST_PAGES: Final = 200
MOST_OF_A_STREAM: Final = 128 * 1024 * 1024
MOST_OF_ALL: Final = 384 * 1024 * 1024
HEAD: Final = 1024
ACTIVE_KEYS: Final = frozenset({"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/XFA"})
ACTIVE_ACTIONS: Final = frozenset({"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/GoToE"})
RAW_ACTIVE: Final = re.compile(rb"/(JavaScript|Launch|EmbeddedFile|RichMedia)\b")
STREAM: Final = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)


class TooHeavy(Exception):
    """More objects or more bytes than an honest document has."""


class Active(Exception):
    """Something that would run, or a file inside the file."""


def probe(path: str) -> dict[str, Any]:
    """{"verdict": "fine", "pages": n}, or a verdict that says why not."""
    with open(path, "rb") as file:  # noqa: PTH123
        raw = file.read()
    if b"%PDF-" not in raw[:HEAD]:
        return {"verdict": "not_pdf"}
    try:
        return _read(path, raw)
    except (TooHeavy, LimitReachedError, MemoryError, RecursionError):
        return {"verdict": "heavy"}
    except Active:
        return {"verdict": "active"}
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, OSError):
        return {"verdict": "unreadable"}


def _read(path: str, raw: bytes) -> dict[str, Any]:
    reader = PdfReader(path)
    if reader.is_encrypted:
        return {"verdict": "encrypted"}
    if RAW_ACTIVE.search(STREAM.sub(b"", raw)):
        raise Active
    _look_at_all(reader)
    pages = len(reader.pages)
    if pages > MOST_PAGES:
        return {"verdict": "long", "pages": pages}
    return {"verdict": "fine" if pages else "unreadable", "pages": pages}


def _look_at_all(reader: PdfReader) -> None:
    total = 0
    for row in _objects(reader):
        for part in _parts(row):
            _refuse_active(part)
        if isinstance(row, StreamObject):
            total += _weight(row)
            if total > MOST_OF_ALL:
                raise TooHeavy


def _objects(reader: PdfReader) -> Iterator[Any]:
    keys = [(number, generation) for generation, rows in reader.xref.items() for number in rows]
    keys += [(number, 0) for number in reader.xref_objStm]
    if len(keys) > MOST_OBJECTS:
        raise TooHeavy
    for number, generation in keys:
        yield reader.get_object(IndirectObject(number, generation, reader))


def _parts(row: Any) -> Iterator[DictionaryObject]:
    """Every dictionary written directly inside `row`."""
    waiting = [row]
    while waiting:
        part = waiting.pop()
        if isinstance(part, DictionaryObject):
            yield part
            waiting.extend(part.values())
        elif isinstance(part, ArrayObject):
            waiting.extend(part)


def _refuse_active(part: DictionaryObject) -> None:
    kinds = {str(part.get(key, "")) for key in ("/S", "/Type", "/Subtype")}
    if ACTIVE_KEYS & part.keys() or ACTIVE_ACTIONS & kinds or {"/EmbeddedFile", "/RichMedia"} & kinds:
        raise Active


def _weight(stream: StreamObject) -> int:
    """How many bytes `stream` becomes, unpacked layer by layer as far as layers can blow up."""
    data: bytes = stream._data
    names = stream.get("/Filter", [])
    for name in names if isinstance(names, list) else [names]:
        if name in {"/FlateDecode", "/Fl"}:
            data = _inflated(data)
        elif name in {"/ASCII85Decode", "/A85"}:
            data = base64.a85decode(data.strip().removesuffix(b"~>"), ignorechars=b" \t\r\n\v\f\0")
        elif name in {"/RunLengthDecode", "/RL"}:
            return len(data) * 64
        else:
            break
    return len(data)


def _inflated(data: bytes) -> bytes:
    try:
        grown = zlib.decompressobj().decompress(data, MOST_OF_A_STREAM + 1)
    except zlib.error:
        return b""
    if len(grown) > MOST_OF_A_STREAM:
        raise TooHeavy
    return grown


def _limited(path: str) -> str:
    """What `probe` finds, as JSON, under limits that cannot be lifted again."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    return json.dumps(probe(path))


def _in_a_child(path: str) -> str:
    """Probe in a process of its own, forked from this one, which has loaded everything; a killed one met a bomb."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.write(writing, _limited(path).encode())
        os._exit(0)
    os.close(writing)
    ready, _w, _x = select.select([reading], [], [], WALL_SECONDS)
    said = os.read(reading, 4096).decode() if ready else ""
    if not said:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reading)
    return said or json.dumps({"verdict": "heavy"})


def serve() -> None:
    """A path a line in, what was found a line out, until the other side closes."""
    for line in sys.stdin:
        sys.stdout.write(_in_a_child(line.rstrip("\n")) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
