"""Pages of reviewers and of the officers who ask them."""

from django.http import HttpRequest

from people.models import User


class SignedIn(HttpRequest):
    """A request whose person is signed in: every view of this room demands it."""

    user: User
