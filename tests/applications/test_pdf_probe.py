"""The probe of uploaded PDFs: what it lets in, and what it names as the reason when it does not."""

import io
import json
import os
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, create_string_object

from applications import pdf_probe, pdfs
from applications.pdfs import Probed, clean_name, look_into


def document(pages: int = 1, change: Any = None) -> bytes:
    writer = PdfWriter()
    for _number in range(pages):
        writer.add_blank_page(200, 200)
    if change is not None:
        change(writer)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def probed(tmp_path: Path, content: bytes) -> dict[str, Any]:
    path = tmp_path / "file.pdf"
    path.write_bytes(content)
    return pdf_probe.probe(str(path))


def with_stream(data: bytes, *filters: str) -> Any:
    def change(writer: PdfWriter) -> None:
        stream = StreamObject()
        stream._data = data
        names = [NameObject(name) for name in filters]
        stream[NameObject("/Filter")] = names[0] if len(names) == 1 else ArrayObject(names)
        writer._add_object(stream)

    return change


def with_key(key: str, value: Any) -> Any:
    def change(writer: PdfWriter) -> None:
        writer._root_object[NameObject(key)] = value

    return change


def test_an_honest_document_is_fine(tmp_path: Path) -> None:
    assert probed(tmp_path, document(3)) == {"verdict": "fine", "pages": 3}


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"", "not_pdf"),
        (b"MZ\x90\x00 a program", "not_pdf"),
        (b"%PDF-1.7\nnothing more", "unreadable"),
        (document(0), "unreadable"),
        (document(201), "long"),
        (document(change=lambda writer: writer.encrypt("secret")), "encrypted"),
        (
            document(change=with_key("/OpenAction", DictionaryObject({NameObject("/S"): NameObject("/JavaScript")}))),
            "active",
        ),
        (document(change=lambda writer: writer.add_attachment("a.txt", b"hidden")), "active"),
        (document(change=with_key("/XFA", create_string_object("form"))), "active"),
        (
            document(change=with_key("/OpenAction", DictionaryObject({NameObject("/S"): NameObject("/SubmitForm")}))),
            "active",
        ),
    ],
)
def test_what_is_not_let_in_has_a_reason(tmp_path: Path, content: bytes, verdict: str) -> None:
    assert probed(tmp_path, content)["verdict"] == verdict


@pytest.mark.parametrize(
    ("data", "filters", "verdict"),
    [
        (zlib.compress(bytes(2000)), ("/FlateDecode",), "heavy"),
        (zlib.compress(zlib.compress(bytes(2000))), ("/FlateDecode", "/Fl"), "heavy"),
        (b"\x00" * 200, ("/RunLengthDecode",), "heavy"),
        (b"zzzz~>", ("/ASCII85Decode",), "fine"),
        (zlib.compress(b"short"), ("/FlateDecode",), "fine"),
        (b"no zlib at all", ("/FlateDecode",), "fine"),
        (b"\xff\xd8 an image", ("/DCTDecode",), "fine"),
    ],
)
def test_a_bomb_is_weighed_layer_by_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, filters: tuple[str, ...], verdict: str
) -> None:
    monkeypatch.setattr(pdf_probe, "MOST_OF_A_STREAM", 1000)
    monkeypatch.setattr(pdf_probe, "MOST_OF_ALL", 4000)
    assert probed(tmp_path, document(change=with_stream(data, *filters)))["verdict"] == verdict


def test_many_small_streams_are_as_heavy_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_probe, "MOST_OF_ALL", 4000)

    def many(writer: PdfWriter) -> None:
        for number in range(5):
            with_stream(zlib.compress(bytes(900 + number)), "/FlateDecode")(writer)

    assert probed(tmp_path, document(change=many))["verdict"] == "heavy"


def test_more_objects_than_a_document_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_probe, "MOST_OBJECTS", 2)
    assert probed(tmp_path, document(3))["verdict"] == "heavy"


def test_the_probe_runs_in_a_process_of_its_own() -> None:
    assert look_into(SimpleUploadedFile("cv.pdf", document(2))) == Probed("fine", 2)
    assert look_into(SimpleUploadedFile("cv.pdf", b"nothing")).verdict == "not_pdf"


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "heavy"),
        ("print('no JSON')", "unreadable"),
        ("import sys; sys.exit(1)", "heavy"),
    ],
)
def test_a_probe_that_dies_on_a_file_is_started_again_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, verdict: str
) -> None:
    (tmp_path / "probe.py").write_text(script)
    monkeypatch.setattr(pdfs, "_probers", {})
    with monkeypatch.context() as broken:
        broken.setattr(pdfs, "PROBE", tmp_path / "probe.py")
        assert look_into(SimpleUploadedFile("cv.pdf", document())).verdict == verdict
    for own in pdfs._probers.values():
        for prober in own:
            if prober.process is not None:
                prober.process.wait(10)
    assert look_into(SimpleUploadedFile("cv.pdf", document())) == Probed("fine", 1)
    pdfs.close_probers()


def served(monkeypatch: pytest.MonkeyPatch, act: str, path: Path, *, patience: float) -> dict[str, Any]:
    """What the serving probe says of a file on which it would do `act`."""
    script = f"import os, signal, time\nimport pdf_probe\npdf_probe.WALL_SECONDS = {patience}\n"
    script += f"pdf_probe.probe = lambda path: {act}\npdf_probe.serve()\n"
    env = {**os.environ, "PYTHONPATH": str(Path(pdf_probe.__file__).parent)}
    done = subprocess.run(
        [sys.executable, "-c", script], input=f"{path}\n{path}\n", capture_output=True, text=True, env=env, check=True
    )
    first, second = done.stdout.splitlines()
    assert first == second
    found: dict[str, Any] = json.loads(first)
    return found


@pytest.mark.parametrize(
    ("act", "found"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", {"verdict": "heavy"}),
        ("time.sleep(60)", {"verdict": "heavy"}),
        ("{'verdict': 'fine', 'pages': 1}", {"verdict": "fine", "pages": 1}),
        ("{'verdict': 'fine', 'pages': len(bytearray(4 * 2 ** 30))}", {"verdict": "heavy"}),
    ],
)
def test_a_bomb_kills_its_own_child_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, act: str, found: dict[str, Any]
) -> None:
    assert served(monkeypatch, act, tmp_path / "x.pdf", patience=1) == found


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\이력서.PDF", "이력서.pdf"),
        ("cv\u202efdp.exe", "cvfdp.exe.pdf"),
        ("....", "document.pdf"),
        ("a" * 300 + ".pdf", "a" * 120 + ".pdf"),
    ],
)
def test_names_are_made_clean(given: str, kept: str) -> None:
    assert clean_name(given) == kept
