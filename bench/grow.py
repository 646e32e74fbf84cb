"""Many more applications to the call that is under review: rows made by the database itself."""

from django.db import connection, transaction

from applications.models import Application, Call

USERS = """
INSERT INTO people_user (key, email, password, given_name, family_name, native_name, language, timezone, country,
                         orcid, is_active, joined_at)
SELECT lpad(to_hex(n), 12, 'z'), 'grown' || n || '@bench.example', '!', 'Given' || n, 'Family' || (n %% 5000), '',
       'en', 'Asia/Seoul', 'US', '', true, now()
FROM generate_series(1, %(many)s) AS n
RETURNING id
"""


def grow_to(call: Call, many: int) -> int:
    """Let `call` have `many` applications in all, copies of those that it has under new people; how many are new."""
    present = Application.objects.filter(call=call).count()
    wanted = many - present
    if wanted <= 0:
        return 0
    columns = [field.column for field in Application._meta.concrete_fields if not field.generated]
    special = {
        "id": "nextval(pg_get_serial_sequence('applications_application', 'id'))",
        "key": "lpad(to_hex(u.turn), 12, 'y')",
        "applicant_id": "u.id",
        "number": "%(highest)s + u.turn",
        "given_name": "'Given' || u.turn",
        "family_name": "'Family' || (u.turn %% 5000)",
    }
    chosen = ", ".join(special.get(name, f'a."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    highest = Application.objects.filter(call=call).order_by("-number").values_list("number", flat=True)
    top = next(number for number in highest if number is not None)
    insert = f"""
        WITH people AS ({USERS}),
             u AS (SELECT id, row_number() OVER (ORDER BY id) AS turn FROM people),
             a AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM applications_application
                   WHERE call_id = %(call)s AND number IS NOT NULL)
        INSERT INTO applications_application ({names})
        SELECT {chosen} FROM u JOIN a ON a.place = u.turn %% (SELECT count(*) FROM a)
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(insert, {"many": wanted, "call": call.pk, "highest": top})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return wanted
