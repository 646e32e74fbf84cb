"""The translation catalogues, extracted and compiled with Babel: no gettext tools are needed on any machine."""

import fcntl
import io
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.template.exceptions import TemplateSyntaxError
from django.utils.translation.template import templatize

KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
LEFT_OUT = {"tests", "bench", "docs", "deploy", "migrations", "node_modules", "var", "locale", "static", "__pycache__"}
HEADERS = {"Language", "Plural-Forms", "MIME-Version", "Content-Type"}
HEADERS_LAST = "Content-Transfer-Encoding"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdrif](?![a-z])|\{\w*\}")
CONTEXT_SIGN = "\x04"

Key = tuple[str, str]


class Untouched(Catalog):
    """A catalogue whose header holds no dates and names, so that the same texts always give the same file."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        kept = [(name, value) for name, value in super().mime_headers if name in HEADERS]
        return [*kept, (HEADERS_LAST, "8bit")]


def languages() -> list[str]:
    """The languages that have a catalogue."""
    return [code for code, _name in settings.LANGUAGES]


def po_path(language: str) -> Path:
    """Where the catalogue of `language` is kept."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


@contextmanager
def locked(language: str) -> Iterator[None]:
    """Hold the catalogue of `language`: two people who merge at once lose nothing."""
    folder = po_path(language).parent
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def sources() -> list[Path]:
    """Every file of the project that may hold a text for people, in a fixed order."""
    root = Path(settings.BASE_DIR)
    found: list[Path] = []
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        if path.suffix not in {".py", ".html", ".txt"} or any(part.startswith(".") for part in parts):
            continue
        if not LEFT_OUT.intersection(parts) and (path.suffix == ".py" or "templates" in parts):
            found.append(path)
    return sorted(found)


def extracted() -> Catalog:
    """Every message of the project, sorted, each with the files it stands in."""
    catalogue = Untouched(fuzzy=False)
    for path in sources():
        name = path.relative_to(settings.BASE_DIR).as_posix()
        for _line, message, comments, context in _messages_of(path, name):
            catalogue.add(message, locations=[(name, None)], auto_comments=comments, context=context)  # type: ignore[list-item]
    return catalogue


def _messages_of(path: Path, name: str) -> Iterable[tuple[int, Any, list[str], str | None]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        text = _as_python(text, name)
    return extract("python", io.BytesIO(text.encode()), KEYWORDS, ("Translators:",))


def _as_python(text: str, name: str) -> str:
    """A template as lines of Python that call gettext; its indentation means nothing and would only mislead."""
    try:
        python = templatize(text, origin=name)
    except (SyntaxError, TemplateSyntaxError) as problem:
        raise ValueError(f"{name}: {problem}") from problem
    return "\n".join(line.lstrip() for line in python.splitlines())


def key_of(message: Message) -> Key:
    """What tells two messages apart: the context and the (singular) text."""
    return (message.context or "", message.id if isinstance(message.id, str) else message.id[0])


def named(key: Key) -> str:
    """`key` as one text: the context, where there is one, stands before a sign that no text holds."""
    return CONTEXT_SIGN.join(part for part in key if part)


def texts(catalogue: Catalog) -> Iterator[Message]:
    """The messages of `catalogue` without its header, in a fixed order."""
    return iter(sorted((message for message in catalogue if message.id), key=key_of))


def kept(language: str) -> dict[Key, Message]:
    """What the catalogue file of `language` says now."""
    path = po_path(language)
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {key_of(message): message for message in texts(read_po(file, locale=language))}


def strings_of(message: Message | None) -> list[str]:
    """The translations of `message`: one, or one for each plural form."""
    if message is None or not message.string:
        return []
    return [message.string] if isinstance(message.string, str) else list(message.string)


def built(found: Catalog, language: str, known: Mapping[Key, Message]) -> Catalog:
    """The messages that were `found`, each with its translation where one is `known`."""
    catalogue = Untouched(locale=language, fuzzy=False)
    catalogue.header_comment = f"# Texts of InnoCore ({language}). Made by ./run manage messages."
    for message in texts(found):
        old = known.get(key_of(message))
        strings = strings_of(old)
        catalogue.add(
            message.id,
            _fitting(message, strings, catalogue.num_plurals),
            locations=sorted(set(message.locations)),
            flags=message.flags | ({"fuzzy"} if old and old.fuzzy else set()),
            auto_comments=sorted(set(message.auto_comments)),
            context=message.context,
        )
    return catalogue


def _fitting(message: Message, strings: list[str], forms: int) -> Any:
    if isinstance(message.id, str):
        return strings[0] if strings else ""
    return tuple([*strings, *[""] * forms][:forms])


def rendered(catalogue: Catalog) -> bytes:
    """The catalogue as the text of a .po file, without line numbers, which would change with every edit."""
    file = io.BytesIO()
    write_po(file, catalogue, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return file.getvalue()


def replace(path: Path, content: bytes) -> None:
    """Put a whole file in the place of the old one: whoever reads meanwhile reads one or the other."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)


def write(language: str, found: Catalog, known: Mapping[Key, Message] | None = None) -> bool:
    """Bring the catalogue file of `language` up to what was `found`; whether it changed."""
    path = po_path(language)
    with locked(language):
        text = rendered(built(found, language, kept(language) if known is None else known))
        if path.is_file() and path.read_bytes() == text:
            return False
        replace(path, text)
    return True


def compile_all() -> int:
    """Write the .mo file of every language; how many translations they hold."""
    count = 0
    for language in languages():
        catalogue = Catalog(locale=language, charset="utf-8", fuzzy=False)
        for message in kept(language).values():
            if is_translated(message):
                catalogue.add(message.id, message.string, context=message.context)
                count += 1
        file = io.BytesIO()
        write_mo(file, catalogue)
        replace(po_path(language).with_suffix(".mo"), file.getvalue())
    return count


def is_translated(message: Message) -> bool:
    """Whether every form of `message` has words, of which somebody is sure."""
    strings = strings_of(message)
    return bool(strings) and all(strings) and not message.fuzzy


def missing(language: str) -> list[Message]:
    """The messages of `language` that somebody has yet to translate."""
    return [message for message in kept(language).values() if not is_translated(message)]


def placeholders(text: str) -> Counter[str]:
    """The places in `text` that the program fills."""
    return Counter(PLACEHOLDER.findall(text.replace("%%", "")))


def misplaced(message: Message, strings: list[str]) -> bool:
    """Whether a translation fills other places than the text it translates (the plural form, where there are two)."""
    wanted = placeholders(message.id if isinstance(message.id, str) else message.id[-1])
    return any(set(placeholders(string)) != set(wanted) for string in strings if string)


def merge(language: str, given: Mapping[str, str | list[str]]) -> list[str]:
    """Take translations over into the catalogue; what was refused, each in one sentence."""
    refused: list[str] = []
    with locked(language):
        known = kept(language)
        by_name = {named(key): message for key, message in known.items()}
        forms = Catalog(locale=language).num_plurals
        for name, words in given.items():
            refusal = _take(by_name.get(name), [words] if isinstance(words, str) else words, forms)
            refused += [f"{name!r}: {refusal}"] if refusal else []
        found = Untouched(fuzzy=False)
        for message in known.values():
            found[message.id] = message
        replace(po_path(language), rendered(built(found, language, known)))
    return refused


def _take(message: Message | None, strings: list[str], forms: int) -> str:
    """Put `strings` into `message`, or say why not."""
    if message is None:
        return "no such message"
    if len(strings) != (1 if isinstance(message.id, str) else forms) or not all(strings):
        return "another number of forms is needed, none of them empty"
    if misplaced(message, strings):
        return f"the placeholders differ: {', '.join(strings)!r}"
    message.string = strings[0] if isinstance(message.id, str) else tuple(strings)
    message.flags.discard("fuzzy")
    return ""


def problems(found: Catalog) -> list[str]:
    """What is wrong with the catalogues, each in one line."""
    told: list[str] = []
    for language in languages():
        known = kept(language)
        if rendered(built(found, language, known)) != (po_path(language).read_bytes() if known else b""):
            told.append(f"{language}: the texts of the project changed: ./run manage messages extract")
        for key, message in known.items():
            if misplaced(message, strings_of(message)):
                told.append(f"{language}: placeholders differ: {named(key)!r}")
            if message.fuzzy or (language != settings.LANGUAGE_CODE and not is_translated(message)):
                told.append(f"{language}: not translated: {named(key)!r}")
    return told
