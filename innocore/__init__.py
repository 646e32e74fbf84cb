"""The frame of the house: settings, addresses, Celery, WSGI and system checks."""

from innocore.celery import app as celery_app

__all__ = ["celery_app"]
