"""Criteria, reviews, conflicts."""

from datetime import timedelta

import factory
from django.utils import timezone

from reviews.models import Conflict, Criterion, Review
from reviews.states import ConflictKind, ReviewState
from tests.factories.applications import CallFactory, EligibleFactory
from tests.factories.base import RowFactory
from tests.factories.people import UserFactory


class CriterionFactory(RowFactory):
    class Meta:
        model = Criterion

    call = factory.SubFactory(CallFactory)
    code = factory.Sequence(lambda n: f"criterion{n}")
    name_en = factory.Sequence(lambda n: f"Criterion {n}")
    name_ko = factory.Sequence(lambda n: f"기준 {n}")


class ReviewFactory(RowFactory):
    class Meta:
        model = Review

    application = factory.SubFactory(EligibleFactory)
    reviewer = factory.SubFactory(UserFactory)
    state = ReviewState.ASSIGNED
    due_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=14))


class ConflictFactory(RowFactory):
    class Meta:
        model = Conflict

    application = factory.SubFactory(EligibleFactory)
    person = factory.SubFactory(UserFactory)
    declared_by = factory.SelfAttribute("person")
    kind = ConflictKind.COAUTHOR
