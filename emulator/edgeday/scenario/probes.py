"""What a scenario may say about its probes: requests at an instant, and what their answers have to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import AfterValidator, Field, create_model, model_validator

from edgeday.clock import epoch_seconds
from edgeday.fields import Model, impossible, offset_s, parse_instant
from edgeday.scenario.expectations import Expect
from edgeday.scenario.profile import ProbeKind, profiles
from edgeday.scenario.request_template import RequestFields
from edgeday.scenario.traffic import request_of
from edgeday.web.messages import Request

_KINDS: dict[str, ProbeKind] = {
    name: kind for one in profiles().values() for name, kind in one.probes.items()
}


class ProbeRequest(RequestFields):
    """Any request. It draws no values: {name} in it is an error, {{name}} is the text {name}."""

    @model_validator(mode="after")
    def _expects_nothing_itself(self) -> Self:
        if self.expect:
            raise impossible('"expect" stands beside "request", not in it', "expect")
        return self


def _moment(text: str) -> str:
    if offset_s(text) is None:
        if text.startswith("+"):
            raise impossible(f'"{text}" is no offset; write +3d, +23h59m or +1d2h3m4s')
        parse_instant(text)
    return text


class _Probe(Model):
    """A request at one instant, and what its answer has to be. An answer that differs fails the scenario."""

    at: Annotated[str, AfterValidator(_moment)]
    """An offset from the start, such as +23h59m or +3d, or an instant with a time zone."""
    name: str = ""
    """What reports call it; default: its request."""
    request: ProbeRequest | None = None
    expect: Expect = Field(default_factory=dict)
    """What the answer has to be: what is expected -> a value, or a comparison such as "> 0"."""

    @model_validator(mode="after")
    def _makes_one_request(self) -> Self:
        if (self.request is not None) + len(self._named) != 1:
            raise impossible(f"a probe makes one request: say {' or '.join((*_KINDS, 'request'))}")
        if not self.expectations:
            raise impossible("a probe expects something of the answer: say expect: {status: 200}")
        return self

    @property
    def _named(self) -> dict[str, Any]:
        """The requests that it makes by a name of a worker profile."""
        return {name: given for name in _KINDS if (given := getattr(self, name)) is not None}

    @property
    def expectations(self) -> Mapping[str, Any]:
        """What the answer has to be, whichever way it is written."""
        more = (getattr(given, "expect", {}) for given in self._named.values())
        return {**self.expect, **{name: value for given in more for name, value in given.items()}}

    def asks(self, origin: str, variables: Mapping[str, Any]) -> Request:
        """The request. variables: the worker's plain ones."""
        for name, given in self._named.items():
            method, path, headers = _KINDS[name].request(given, variables)
            return request_of(origin, method, path, headers, None)
        request = self.request
        assert request is not None  # it makes one request
        return request.template.request(origin, _undrawn)

    def comes_at(self, start_s: float) -> float:
        """Epoch seconds of the probe in a run that starts at `start_s`."""
        offset = offset_s(self.at)
        return epoch_seconds(self.at) if offset is None else start_s + offset


def _undrawn(name: str) -> str:
    """What a name in braces is in a probe, which draws no values: itself."""
    return f"{{{name}}}"


if TYPE_CHECKING:
    Probe = _Probe
else:
    Probe = create_model(
        "Probe",
        __base__=_Probe,
        __doc__=_Probe.__doc__,
        __module__=__name__,
        **{name: (kind.model | None, None) for name, kind in _KINDS.items()},
    )
