"""An address that only a button reaches leads, opened by itself, to the nearest page above it."""

from typing import Any

import pytest
from django.urls import reverse


@pytest.mark.django_db
def test_a_buttons_address_leads_to_the_page_above(client_of: Any, application: Any) -> None:
    upload = reverse("applications:upload", args=[application.key])
    client = client_of(application.applicant)
    assert client.get(upload)["Location"] == reverse("applications:application", args=[application.key])
    deep = reverse("applications:publications_add", args=[application.key])
    followed = client.get(deep, follow=True)
    assert followed.status_code == 200
