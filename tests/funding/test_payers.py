"""The accounts from which institutes pay: set by their own finance officers, encrypted, shown by their last digits."""

from typing import Any

from django.urls import reverse

from common.crypto import decrypt
from common.models import AuditEntry
from funding.models import PayerAccount

URL = reverse("funding:payers")


def test_a_finance_officer_says_from_which_account_her_institute_pays(
    client_of: Any, finance_officer: Any, second_finance_officer: Any, institute: Any, other_institute: Any
) -> None:
    signed = client_of(finance_officer)
    assert b"None yet" in signed.get(URL).content
    data = {"institute": institute.pk, "bank_code": "004", "number": "123-456 7890"}
    for wrong in ({"number": "12"}, {"bank_code": "x"}, {"institute": other_institute.pk}):
        assert signed.post(URL, {**data, **wrong}).status_code == 422
    for _twice in range(2):
        assert signed.post(URL, data).status_code == 302
    payer = PayerAccount.objects.get()
    assert (payer.number_sealed, payer.next_last_digits) == ("", "7890")
    confirm = reverse("funding:confirm_payer", kwargs={"pk": payer.pk})
    assert signed.post(confirm).status_code == 409
    for _twice in range(2):
        assert client_of(second_finance_officer).post(confirm).status_code == 302
    payer.refresh_from_db()
    assert (payer.institute, payer.last_digits, decrypt(payer.number_sealed)) == (institute, "7890", "1234567890")
    shown = signed.get(URL).content.decode()
    assert "7890" in shown
    assert "1234567890" not in shown
    entries = AuditEntry.objects.filter(verb__startswith="funding.payer")
    assert entries.count() == 3
    assert "123456" not in str(list(entries.values("before", "after", "note")))


def test_nobody_else_sees_or_sets_them(
    client_of: Any, officer: Any, ministry: Any, auditor: Any, stranger: Any
) -> None:
    for person in (officer, ministry, auditor, stranger):
        assert client_of(person).get(URL).status_code == 403
        assert client_of(person).post(URL, {}).status_code == 403
