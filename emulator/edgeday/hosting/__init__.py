"""Workers of Cloudflare's own kinds, hosted as classes that an `Edge` runs."""
