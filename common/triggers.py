"""Database triggers that several rooms put on their tables."""

import pgtrigger

_REFUSE = """
    RAISE EXCEPTION 'append-only: % refuses %', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
"""


def append_only() -> list[pgtrigger.Trigger]:
    """Triggers that refuse UPDATE, DELETE and TRUNCATE with an integrity error (SQLSTATE 23001)."""
    return [
        pgtrigger.Trigger(
            name="append_only_rows",
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete,
            level=pgtrigger.Row,
            func=_REFUSE,
        ),
        pgtrigger.Trigger(
            name="append_only_table",
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            level=pgtrigger.Statement,
            func=_REFUSE,
        ),
    ]


def stands_once_confirmed() -> pgtrigger.Trigger:
    """What another person confirmed (`confirmed_at`) is neither changed nor deleted: a newer row begins on its day."""
    return pgtrigger.Trigger(
        name="confirmed_stands",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        condition=pgtrigger.Q(old__confirmed_at__isnull=False),
        func="""
            RAISE EXCEPTION 'what is confirmed stands: % refuses %', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'restrict_violation';
        """,
    )
