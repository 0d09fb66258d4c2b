from django.urls import path

from accounts import personal_views as views

# Named as allauth names its pages, beside which they stand.
urlpatterns = [
    path("", views.data, name="account_data"),
    path("export/", views.export, name="account_data_export"),
    path("archive/<int:pk>/", views.download, name="account_data_archive"),
    path("erase/", views.erase, name="account_data_erase"),
]
