"""What this package brings to edgeday: the profile of its worker, and the commands and pages of the study."""

from edgeday import CommandRow, Extension

EXTENSION = Extension(
    commands={
        "variants": CommandRow(
            "worker_port.study.commands.variants:command",
            "Measure all variants of the diet worker, side by side.",
        ),
        "days": CommandRow(
            "worker_port.study.commands.days:command",
            "Show days of the design document as it counts them and as they are.",
        ),
        "claims": CommandRow(
            "worker_port.study.commands.claims:command",
            "Check the design document's statements by measuring them.",
        ),
        "logs": CommandRow(
            "worker_port.study.commands.logs:command",
            "Review, archive and delete the error logs of a state file.",
        ),
    },
    profiles=("worker_port.profile:PROFILE",),
    pages=("worker_port.study.dashboard:PAGE",),
)
