"""What people are told, on the site and by mail.

    from accounts.notices.telling import tell

    tell(                                   # inside the transaction of the act
        user=booking.traveler,
        kind="booking.confirmed",           # declared in the registry of accounts.notices.kinds
        key=f"booking-{booking.pk}-{event.pk}",     # the event: nobody is told of it twice
        facts={"who": expert.name, "start": booking.start, "end": booking.end, "zone": expert.time_zone},
        url=booking.get_absolute_url(),     # a path of this site
    )

A kind declares its words. They are found when they are read, in the reader's language and zone, from the stored facts:
rename a button, and old notices say the new word. Whether a mail goes out at once, in the digest of the reader's next
morning, or not at all is the reader's choice per kind.
"""
