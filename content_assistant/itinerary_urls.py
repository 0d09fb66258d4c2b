"""Included by the assistant's own addresses, in their namespace."""

from django.urls import path

from content_assistant import itinerary_views

urlpatterns = [path("assistant/<int:pk>/itinerary/", itinerary_views.itinerary, name="itinerary")]
