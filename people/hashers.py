"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id with the cost that OWASP names for it (19 MiB, two passes, one lane; Password Storage Cheat Sheet).

    A ninth of scrypt's processor time at a like strength: on a deadline night, when thousands sign in within minutes,
    hashing was the largest part of the work.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
