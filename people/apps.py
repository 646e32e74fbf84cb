from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        from common.access import observers
        from people.actions import observe_access

        observers.append(observe_access)
