"""The application's settings, with two empty pages more: the floor of what is measured."""

from innocore.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
