"""Rates of insurance and tax: they come with the application or are uploaded, and a person confirms them."""

from pathlib import Path
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock
from funding.models import RateTable
from funding.payroll.tables import Tables
from people.models import User

RATES: Final = Path(__file__).resolve().parent.parent / "data" / "payroll-rates.toml"


class RatesRefused(Refusal):
    words = _("These rates cannot be used so.")


@action
def load_rates(*, by: User | None) -> RateTable:
    """Load the rate tables that come with the application, unless this version is there. They wait for confirmation."""
    tables = Tables.from_toml(RATES.read_text(encoding="utf-8"))
    table, is_new = RateTable.objects.get_or_create(
        version=tables.version, defaults={"data": tables.data, "source": "funding/data/payroll-rates.toml"}
    )
    if is_new:
        record("funding.rates.loaded", table, by=by)
    return table


@action
def upload_rates(tables: Tables, *, by: User, source: str) -> RateTable:
    """Enter a newer set of rate tables with its source; another person compares and confirms it.

    Refuses a set that is there already, and one without a source.
    """
    if not source.strip():
        raise RatesRefused(_("Say where these rates come from."), field="source")
    table, is_new = RateTable.objects.get_or_create(
        version=tables.version, defaults={"data": tables.data, "source": source.strip()[:300], "loaded_by": by}
    )
    if not is_new:
        raise RatesRefused(_("These very rates are here already."), field="file")
    record("funding.rates.uploaded", table, by=by, after={"version": table.version}, note=source)
    return table


@action
def confirm_rates(table: RateTable, *, by: User, document: str) -> RateTable:
    """Say who checked the rates against which document; only then may a run use them. Whoever uploaded them cannot."""
    lock(table)
    if table.loaded_by_id == by.pk:
        raise SamePersonTwice
    if table.confirmed_at is None:
        table.confirmed_at, table.confirmed_by, table.document = timezone.now(), by, document
        table.save(update_fields=["confirmed_at", "confirmed_by", "document"])
        record("funding.rates.confirmed", table, by=by, after={"document": document})
    return table


@action
def drop_rates(table: RateTable, *, by: User, reason: str) -> None:
    """Throw an uploaded set away that nobody confirmed, with a reason. Refuses every other."""
    lock(table)
    if table.confirmed_at is not None or table.loaded_by_id is None:
        raise RatesRefused(_("Only uploaded rates that nobody confirmed are thrown away."))
    if not reason.strip():
        raise RatesRefused(_("Say why."), field="reason")
    record("funding.rates.dropped", table, by=by, before={"version": table.version}, note=reason)
    table.delete()
