"""The base of all factories: what one call makes is made in one transaction, as an action would."""

from typing import Any

import factory
from django.db import transaction


class RowFactory(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True

    @classmethod
    def _generate(cls, strategy: Any, params: Any) -> Any:
        with transaction.atomic():
            return super()._generate(strategy, params)
