"""The dashboard's page on the worker's AI logs."""

from edgeday import Page
from worker_port.study.dashboard.log_views import LogViews

PAGE = Page("logs", "AI logs", __package__, lambda site: LogViews(site).routes, profile="diet")
