"""Openings, rank lists, runs, results."""

import factory

from matching.models import MatchResult, MatchRun, Opening, RankList
from tests.factories.applications import CallFactory, CallLabFactory, EligibleFactory
from tests.factories.base import RowFactory
from tests.factories.people import UserFactory


class OpeningFactory(RowFactory):
    class Meta:
        model = Opening

    call_lab = factory.SubFactory(CallLabFactory)
    seats = 2


class RankListFactory(RowFactory):
    class Meta:
        model = RankList

    opening = factory.SubFactory(OpeningFactory)


class MatchRunFactory(RowFactory):
    class Meta:
        model = MatchRun

    call = factory.SubFactory(CallFactory)
    seed = "0" * 64
    instance = "{}"
    instance_sha256 = "0" * 64
    requested_by = factory.SubFactory(UserFactory)


class MatchResultFactory(RowFactory):
    class Meta:
        model = MatchResult

    run = factory.SubFactory(MatchRunFactory)
    application = factory.SubFactory(EligibleFactory)
    pseudonym = factory.Sequence(lambda n: f"a{n}")
