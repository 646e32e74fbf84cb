"""How gunicorn serves InnoCore, in production and in the demonstration alike."""

import gc
import os
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from common.discreet import discreet


class DiscreetLogger(Logger):  # type: ignore[misc]
    """Keeps personal links out of the log, and the questions of health checks too."""

    def atoms(self, *args: Any) -> dict[str, Any]:
        """What a line of the access log is made of; a long part of an address may be somebody's key."""
        found: dict[str, Any] = super().atoms(*args)
        return {**found, "U": discreet(found["U"] or "")}

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        if environ.get("PATH_INFO") != "/healthz":
            super().access(resp, req, environ, request_time)


wsgi_app = "innocore.wsgi"
bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or os.cpu_count() or 2)
threads = int(os.environ.get("WEB_THREADS") or 4)
timeout = 60
graceful_timeout = 30
keepalive = 75
max_requests = 2000
max_requests_jitter = 400
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (memory: a slow disk stops no worker)
control_socket_disable = True
logger_class = DiscreetLogger
accesslog = "-"
errorlog = "-"
access_log_format = '%(t)s %({x-forwarded-for}i)s %(h)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms "%(a)s"'


def post_worker_init(worker: Any) -> None:
    """What was loaded at the start lives as long as the worker: the collector need not look through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
