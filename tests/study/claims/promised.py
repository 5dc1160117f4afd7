"""A worker whose hybrid form does what the design document says: it runs as hybrid_designed."""

from __future__ import annotations

from edgeday.runtime.handlers import Env
from worker_port import AiDietWorker, log_ai_response

__all__ = ["Promised", "log_ai_response"]


class Promised(AiDietWorker):
    async def fetch(self, request):
        if self.env.AI_LOG_VARIANT == "hybrid":
            self.env = Env(**{**self.env.__dict__, "AI_LOG_VARIANT": "hybrid_designed"})
        return await super().fetch(request)
