"""The Dockerfile: it parses, it needs no secret, it runs as nobody in particular, and its commands work."""

import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from dockerfile_parse import DockerfileParser

from tests.local.conftest import ROOT


@pytest.fixture(scope="module")
def image() -> DockerfileParser:
    return DockerfileParser(fileobj=io.BytesIO((ROOT / "Dockerfile").read_bytes()))


def values(image: DockerfileParser, instruction: str) -> list[str]:
    return [step["value"] for step in image.structure if step["instruction"] == instruction]


def test_stages_end_in_a_slim_image_without_the_builders(image: DockerfileParser) -> None:
    assert len(image.parent_images) == 3
    assert image.parent_images[0].startswith("node:")
    assert re.fullmatch(r"python:3\.1[123]-slim-\w+", image.baseimage)
    copied = [value for value in values(image, "COPY") if value.startswith("--from")]
    assert {value.split()[0] for value in copied} == {"--from=frontend", "--from=packages"}


def test_it_does_not_run_as_root(image: DockerfileParser) -> None:
    last = [step["instruction"] for step in image.structure]
    assert values(image, "USER") == ["10001:10001"]
    assert last.index("USER") > max(place for place, name in enumerate(last) if name == "RUN")


def test_it_holds_no_secret(image: DockerfileParser) -> None:
    assert not values(image, "ARG")
    assert not [name for name in image.envs if re.search("SECRET|PASSWORD|TOKEN|KEY|_URL", name)]


def test_what_it_copies_is_there_and_not_ignored(image: DockerfileParser) -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    for value in values(image, "COPY"):
        names = [word for word in value.split()[:-1] if not word.startswith("--")]
        for name in names:
            path = name.removeprefix("/build/")
            assert path == "/opt/venv" or (ROOT / path).exists(), path
            assert "--from" in value or path not in ignored
    assert {"var", "tests", "node_modules", "**/.*", "**/.env*"} <= set(ignored)


def test_it_serves_as_the_web_of_compose_does(image: DockerfileParser, services: dict[str, Any]) -> None:
    assert shlex.split(" ".join(re.findall(r'"([^"]*)"', image.cmd))) == services["web"]["command"]
    assert image.envs["WEB_BIND"] == services["web"]["environment"]["WEB_BIND"]


def test_the_commands_of_its_build_reach_no_server(built: Path) -> None:
    """The build has neither database nor broker: the very commands did without."""
    assert (built / "static" / "staticfiles.json").is_file()
    assert (ROOT / "locale" / "ko" / "LC_MESSAGES" / "django.mo").is_file()
