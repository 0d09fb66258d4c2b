from django.urls import path

from experts import finding, keeping, views

app_name = "experts"
# The words that stand where a slug could are nobody's slug: a constraint of Expert says so.
urlpatterns = [
    path("experts/", finding.browse, name="browse"),
    path("experts/compare/", keeping.compare, name="compare"),
    path("experts/in/<slug:slug>/", finding.city, name="city"),
    path("experts/<slug:slug>/", views.profile, name="profile"),
    path("experts/<slug:slug>/favourite/", keeping.favourite, name="favourite"),
    path("favourites/", keeping.favourite_list, name="favourites"),
]
