"""`python -m bench [pages] [deadline] [matching] [money] [simulation]`: JSON lines, one a figure."""

import os
import sys
from importlib import import_module

import django

BENCHES = {
    "pages": "bench.pages",
    "deadline": "bench.deadline",
    "matching": "bench.matching",
    "money": "bench.money",
    "simulation": "bench.simulation",
}


def main(words: list[str]) -> int:
    """Run the benches named, or all; 1 when a limit is passed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    unknown = [word for word in words if word not in BENCHES]
    if unknown:
        sys.stderr.write(f"There is no bench {', '.join(unknown)}; there are: {', '.join(BENCHES)}.\n")
        return 2
    django.setup()
    codes: list[int] = [import_module(BENCHES[word]).main() for word in (words or BENCHES)]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
