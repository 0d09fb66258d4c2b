from django.urls import include, path

from accounts.views import EmailView

urlpatterns = [
    path("email/", EmailView.as_view(), name="account_email"),  # before allauth's own
    path("", include("allauth.urls")),
]
