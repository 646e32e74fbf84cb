"""The request of somebody who is signed in."""

from django.http import HttpRequest

from people.models import User


class SignedRequest(HttpRequest):
    """What a view gets that lets nobody in who is not signed in: `user` is a person."""

    user: User
