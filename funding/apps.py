from django.apps import AppConfig


class FundingConfig(AppConfig):
    name = "funding"

    def ready(self) -> None:
        from funding.queries.places import places_carried
        from matching.queries.money import books

        books.append(places_carried)
