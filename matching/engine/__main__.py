"""`python -m matching.engine solve | canonical | verify`: a match and its check, without Django or a database."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from matching.engine import instance as instances
from matching.engine import outcome as outcomes
from matching.engine.reading import Malformed
from matching.engine.solve import solve
from matching.engine.stability import violations

Parsed = TypeVar("Parsed")


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0: done, or nothing wrong; 1: the outcome breaks the rule; 2: an input cannot be read."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "verify":
            return _verify(Path(options.instance), Path(options.outcome))
        return _convert(options.command)
    except (Malformed, OSError) as error:
        print(f"This input cannot be used. {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching.engine", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("solve", help="read an instance, write its outcome")
    commands.add_parser("canonical", help="read an instance, write it in the one form of which the hash is taken")
    verify = commands.add_parser("verify", help="check an outcome; each violation on a line")
    verify.add_argument("instance")
    verify.add_argument("outcome")
    return parser


def _convert(command: str) -> int:
    given = sys.stdin.buffer.read()
    instance = _parsed(instances.parse, given, "standard input")
    canonical = instance.canonical()
    if command == "solve" and given.strip() != canonical.encode():
        print(
            "Note: the outcome names the hash of this instance's canonical form, which is not the text given. "
            "Publish what `python -m matching.engine canonical` writes.",
            file=sys.stderr,
        )
    text = solve(instance).canonical() if command == "solve" else canonical
    sys.stdout.buffer.write(text.encode())
    return 0


def _verify(instance: Path, outcome: Path) -> int:
    given = _parsed(instances.parse, instance.read_bytes(), str(instance))
    found = violations(given, _parsed(outcomes.parse, outcome.read_bytes(), str(outcome)))
    for violation in found:
        print(violation)
    return 1 if found else 0


def _parsed(parse: Callable[[str], Parsed], data: bytes, source: str) -> Parsed:
    try:
        return parse(data.decode())
    except UnicodeDecodeError as error:
        raise Malformed(source, f"byte {error.start} is not UTF-8") from None
    except Malformed as error:
        raise Malformed(source, str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
