from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from accounts import languages
from config import pages, sitemaps

handler400 = "config.views.bad_request"
handler403 = "config.views.permission_denied"
handler404 = "config.views.page_not_found"
handler500 = "config.views.server_error"

# One way in: the admin's own sign-in page knows no second factor and no limit.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", pages.home, name="home"),
    path("language/", languages.choose, name="language"),
    path("robots.txt", pages.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.section, name="sitemap_section"),
    path("", include("markets.urls")),
    path("", include("travelers.urls")),
    path("", include("matching.urls")),
    path("", include("experts.urls")),
    path("", include("bookings.urls")),
    path("expert/", include("content_assistant.urls")),
    path("inquiries/", include("bookings.inquiry_urls")),
    path("", include("social.urls")),
    path("", include("accounts.notices.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("account/data/", include("accounts.personal_urls")),
]
