"""docker-compose.yml: it is what compose reads, it keeps no secret, and web and worker can be many."""

import json
import re
from importlib import resources
from typing import Any

import jsonschema
import pytest
from django.conf import settings

from tests.local.conftest import FILLED_IN, ROOT, VARIABLE, environment_of

OURS = {"web", "worker", "beat", "migrate"}
SECRETS = re.compile(r"SECRET|PASSWORD|TOKEN|KEY|AUTH|DATABASE_URL|REDIS_URL")


def test_it_keeps_to_the_published_schema(compose: dict[str, Any]) -> None:
    text = resources.files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text()
    jsonschema.validate(compose, json.loads(text))


def test_every_part_of_production_is_there(services: dict[str, Any]) -> None:
    assert set(services) == {*OURS, "postgres", "redis", "proxy", "backup"}
    assert {services[name]["image"] for name in OURS} == {"innocore:${INNOCORE_VERSION:-latest}"}


def test_every_secret_comes_from_the_environment(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            if SECRETS.search(key) and value is not None:
                demanded = [found for found in VARIABLE.finditer(value) if found["sign"] == "?"]
                assert demanded, f"{name}: {key} is written down"


def test_the_example_names_every_variable_and_holds_no_secret(services: dict[str, Any]) -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    lines = (ROOT / "deploy" / ".env.example").read_text().splitlines()
    given = {line.split("=")[0].lstrip("#"): line for line in lines if re.match(r"#?[A-Z0-9_]+=", line)}
    handed_on = {name for name, value in services["web"]["environment"].items() if value is None}
    asked = {found["name"] for found in VARIABLE.finditer(compose)} | handed_on
    assert asked - set(given) == {"INNOCORE_VERSION"}
    assert {name for name, line in given.items() if not line.startswith("#")} == set(FILLED_IN)
    assert all(given[name] == f"{name}=" for name in FILLED_IN)


@pytest.mark.parametrize("name", ["web", "worker"])
def test_web_and_worker_can_be_many(services: dict[str, Any], name: str) -> None:
    assert not {"container_name", "ports", "hostname"} & set(services[name])


def test_only_the_proxy_is_reached_from_outside(compose: dict[str, Any], services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert compose["networks"]["data"]["internal"] is True
    assert all(services[name]["networks"] == ["data"] for name in ("postgres", "redis", "backup", "migrate", "beat"))
    assert services["proxy"]["networks"] == ["edge"]


def test_whatever_stays_up_is_watched_and_comes_back(services: dict[str, Any]) -> None:
    for name in set(services) - {"migrate"}:
        assert services[name]["restart"] == "unless-stopped", name
        assert services[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name
    assert services["migrate"]["restart"] == "no"


def test_nothing_of_ours_starts_before_the_tables_are_there(services: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)


def test_every_volume_and_network_is_declared(compose: dict[str, Any], services: dict[str, Any]) -> None:
    for service in services.values():
        named = {volume.split(":")[0] for volume in service.get("volumes", []) if volume[0] not in "./$"}
        assert named <= set(compose["volumes"])
        assert set(service["networks"]) <= set(compose["networks"])
        for volume in service.get("volumes", []):
            path = ROOT / volume.split(":")[0]
            assert not volume.startswith("./") or path.name == "certs" or path.is_file()


def test_our_containers_may_write_nothing_but_files_and_temporary_things(services: dict[str, Any]) -> None:
    for name in OURS:
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["volumes"] == ["media:/app/var/media"]


def test_the_proxy_lets_through_what_a_form_takes(services: dict[str, Any]) -> None:
    limit = re.fullmatch(r"(\d+)MiB", environment_of(services["proxy"])["BODY_LIMIT"])
    assert limit
    assert settings.UPLOAD_LIMIT_BYTES < int(limit[1]) * 2**20 < settings.UPLOAD_LIMIT_BYTES * 1.5
