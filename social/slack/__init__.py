"""The buttons of the queue in Slack.

cards       the message with the buttons, and what it says once somebody has decided
views       the one address that Slack calls: signature, time and replay checked, noted, answered at once
presses     what a press means: who it was, the same moves as in the admin, and who is told what
client      Slack's web API, with failures as jobs know them
"""
