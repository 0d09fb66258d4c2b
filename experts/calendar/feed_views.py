from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import override
from django.views.decorators.http import require_safe

from experts.calendar import feed
from experts.calendar.models import CalendarFeed


@require_safe
def calendar_feed(request: HttpRequest, address: str) -> HttpResponse:
    """For programs that know the secret address. They ask every few minutes, mostly for what they have."""
    found = (
        CalendarFeed.objects.filter(address=address).select_related("expert__market", "expert__user").first()
    )
    if found is None or not found.expert.user.is_active:
        raise Http404
    with override(found.expert.user.language):
        content = feed.write(found)
    etag = feed.etag(content)
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Content-Disposition": 'inline; filename="traveloure.ics"',
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "no-referrer",
    }
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
    return get_conditional_response(request, etag=etag, response=response) or response
