"""The Celery application: one queue of hints; every job's truth is a row in Postgres."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "innocore.settings")

app = Celery("innocore")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
