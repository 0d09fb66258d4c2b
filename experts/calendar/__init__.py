"""When an expert is free, and why not.

    free_periods(expert, first, end)            by plan, exceptions and blocked days
    closed_because(expert, start, end)          a typed reason, or None
    read_all_around(experts, start, end)        calendars of many in few queries, each to be `judged`
    days_off(experts, first, end)               whole days off, of many in one query
    slots(service, day), next_free(expert, length, after)
    occupied.append(provider)                   how bookings tell what is taken, and what departures have seats
    appointments.append(provider)               how the expert's own month tells what is booked
    whole_days.append(statement)                how they tell whom one booking takes through whole days

Days are those of the expert's clock, instants are in UTC, periods half-open. `clock.py` says what happens where a
clock jumps.
"""

from experts.calendar.availability import (
    Appointment,
    Departure,
    Taken,
    appointments,
    cap_closes,
    closed_because,
    earliest_start,
    free_periods,
    judged,
    next_free,
    occupied,
    open_periods,
    past,
    read_all_around,
    read_around,
    said,
    slots,
    slots_in,
)
from experts.calendar.reasons import Kind, Reason
from experts.calendar.through import days_off, whole_days

__all__ = [
    "Appointment",
    "Departure",
    "Kind",
    "Reason",
    "Taken",
    "appointments",
    "cap_closes",
    "closed_because",
    "days_off",
    "earliest_start",
    "free_periods",
    "judged",
    "next_free",
    "occupied",
    "open_periods",
    "past",
    "read_all_around",
    "read_around",
    "said",
    "slots",
    "slots_in",
    "whole_days",
]
