"""Cron expressions in Cloudflare's own grammar: when they fire, and what they are mistaken for.

`minute hour day-of-month month weekday`, in UTC. Weekdays are 1 (Sunday) to 7 (Saturday), as in Quartz;
crontab and most libraries count from 0 or from Monday. Source: cloudflare/saffron 90c2af8, the parser of
Cron Triggers, and Cloudflare docs, Cron Triggers.
"""

from edgeday.cron.expression import Cron, Schedule, parse
from edgeday.cron.fields import BadCron
from edgeday.cron.notices import Notice

__all__ = ["BadCron", "Cron", "Notice", "Schedule", "parse"]
