"""The place of each lab stands within the place of its institute; places loaded before knew nothing of it."""

from django.db import migrations

FILL = """
UPDATE people_place AS place
SET within_id = institute.place_id
FROM labs_lab AS lab JOIN labs_institute AS institute ON institute.id = lab.institute_id
WHERE lab.place_id = place.id AND place.within_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("labs", "0001_initial"), ("people", "0002_place_within")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
