"""Texts of which a hash is published, to be kept as a file: byte for byte what was hashed."""

from django.http import HttpResponse


def as_file(text: str, name: str, kind: str = "application/json") -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
