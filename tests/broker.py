"""Which broker this test process hints to. Celery and kombu keep closed pools: a change makes new ones."""

from kombu import pools

from innocore.celery import app


def use_broker(url: str) -> None:
    """Send every later hint of this process to `url` (`memory://` leads nowhere)."""
    app.conf.broker_url = url
    pools.reset()
    app._after_fork()
