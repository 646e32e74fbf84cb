"""People and their roles."""

from datetime import timedelta
from typing import Any

import factory
from allauth.account.models import EmailAddress
from django.utils import timezone

from people.models import Consent, ConsentText, Place, RoleGrant, User
from people.states import ConsentPurpose, PlaceKind
from tests.factories.base import RowFactory


class UserFactory(RowFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    given_name = factory.Sequence(lambda n: f"Given{n}")
    family_name = "Family"
    native_name = factory.Sequence(lambda n: f"홍길{n}")
    language = "en"
    country = "US"

    @factory.post_generation
    def password(self: Any, create: bool, extracted: str | None, **kwargs: Any) -> None:
        if extracted:
            self.set_password(extracted)
            self.save(update_fields=["password"])


class PlaceFactory(RowFactory):
    class Meta:
        model = Place

    code = factory.Sequence(lambda n: f"P{n}")
    kind = PlaceKind.INSTITUTE
    name_en = factory.Sequence(lambda n: f"Place {n}")
    name_ko = factory.Sequence(lambda n: f"장소 {n}")


class RoleGrantFactory(RowFactory):
    class Meta:
        model = RoleGrant

    user = factory.SubFactory(UserFactory)
    starts_on = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=30))


class ConsentTextFactory(RowFactory):
    class Meta:
        model = ConsentText

    purpose = ConsentPurpose.APPLICATION
    version = factory.Sequence(lambda n: n + 1)
    text_en = "We use what you enter for this purpose only."
    text_ko = "입력하신 내용은 이 목적으로만 이용합니다."
    from_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))


class ConsentFactory(RowFactory):
    class Meta:
        model = Consent

    text = factory.SubFactory(ConsentTextFactory)
    user = factory.SubFactory(UserFactory)
    email = factory.LazyAttribute(lambda made: made.user.email)


def holder(role: str, place: Place | None = None, **fields: Any) -> User:
    """Somebody who holds `role` (at `place`)."""
    user: User = UserFactory(**fields)
    RoleGrantFactory(user=user, role=role, place=place)
    return user


def verified(user: User) -> EmailAddress:
    """Her address is verified, so that she may sign in through the page."""
    return EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
