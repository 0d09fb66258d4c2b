from django.urls import path

from experts import apply_views, finding, keeping, own_views, views
from experts.calendar.urls import urlpatterns as calendar

app_name = "experts"
# The words that stand where a slug could are nobody's slug: a constraint of Expert says so.
urlpatterns = [
    path("experts/", finding.browse, name="browse"),
    path("experts/compare/", keeping.compare, name="compare"),
    path("experts/in/<slug:slug>/", finding.city, name="city"),
    path("experts/<slug:slug>/", views.profile, name="profile"),
    path("experts/<slug:slug>/favourite/", keeping.favourite, name="favourite"),
    path("favourites/", keeping.favourite_list, name="favourites"),
    *calendar,
    path("media/photos/<slug:token>/<slug:size>.webp", views.photo, name="photo"),
    path("expert/apply/", apply_views.apply, name="apply"),
    path("expert/apply/<slug:step>/", apply_views.apply_step, name="apply_step"),
    path("expert/profile/", own_views.edit, name="edit"),
    path("expert/profile/preview/", own_views.preview, name="preview"),
    path("expert/photos/", own_views.photo_page, name="photos"),
    path("expert/photos/portrait/remove/", own_views.portrait_remove, name="portrait_remove"),
    path("expert/photos/<int:pk>/", own_views.photo_edit, name="photo_edit"),
    path("expert/photos/<int:pk>/move/", own_views.photo_move, name="photo_move"),
    path("expert/photos/<int:pk>/remove/", own_views.photo_remove, name="photo_remove"),
    path("expert/services/", own_views.service_list, name="services"),
    path("expert/services/new/", own_views.service_create, name="service_create"),
    path("expert/services/<int:pk>/", own_views.service_edit, name="service_edit"),
    path("expert/services/<int:pk>/offer/", own_views.service_offer, name="service_offer"),
    path("expert/pause/", own_views.pause, name="pause"),
    path("expert/resume/", own_views.resume, name="resume"),
]
