"""Cron expressions in Cloudflare's own grammar."""
