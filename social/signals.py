"""What higher parts hang themselves into. Sent inside the transaction that stores what they tell of."""

from django.dispatch import Signal

# leads: those that became of high potential in this round
high_potential_found = Signal()
# alerts: rows that wait for delivery
alerts_raised = Signal()
# messages: what Slack calls those about people who are erased
people_forgotten = Signal()
# outreach, before: a row that has moved, and the state it came from
outreach_moved = Signal()
