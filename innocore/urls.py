"""All addresses. Each room keeps its own; what exists only in the demonstration is added last."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from innocore import api, demo, desk, styleguide, views
from people.views import language

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "InnoCore"

handler500 = "innocore.views.server_error"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", desk.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("language/", language, name="set_language"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", api.routes()),
    path("", include("people.urls")),
    path("", include("notifications.urls")),
    path("", include("labs.urls")),
    path("", include("outreach.urls")),
    path("", include("applications.urls")),
    path("", include("reviews.urls")),
    path("", include("matching.urls")),
    path("", include("fellowships.urls")),
    path("", include("funding.urls")),
    path("", include("mentoring.urls")),
    path("", include("reports.urls")),
]
if settings.DEMO:
    urlpatterns += [
        path("mailbox/", demo.mailbox, name="mailbox"),
        path("mailbox/<str:name>/", demo.mail, name="mail"),
        path("styleguide/", styleguide.styleguide, name="styleguide"),
        path("styleguide/<slug:name>/", styleguide.sample, name="styleguide_sample"),
    ]
