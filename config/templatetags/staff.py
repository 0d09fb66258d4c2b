"""What templates of the admin need."""

from django import template

from accounts.staff import link_to

register = template.Library()

register.simple_tag(link_to)
