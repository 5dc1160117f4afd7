"""Packages in `python_modules`: those that run here are the worker's, others come from the environment."""

from __future__ import annotations

from edgeday.hosting.python_workers.vendored import vendored_packages

from .conftest import ask


def package(folder, name, files, requires=()):
    """Write a distribution with its metadata."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("ORIGIN = 'python_modules'\n")


def test_compiled_packages_and_what_needs_them_are_left_to_the_environment(tmp_path):
    package(tmp_path, "pydantic-core", ["pydantic_core/__init__.py", "pydantic_core/_core.cpython-313.so"])
    package(tmp_path, "pydantic", ["pydantic/__init__.py"], ["pydantic-core==1.0"])
    package(tmp_path, "fastapi", ["fastapi/__init__.py"], ["pydantic>=1"])
    package(tmp_path, "pure", ["pure/__init__.py"], ["typing-extensions>=4"])
    assert vendored_packages(tmp_path).names == {"pure"}


def test_a_compiled_package_that_the_environment_lacks_stays(tmp_path):
    package(tmp_path, "nobody-has-this", ["nobody_has_this/__init__.py", "nobody_has_this/_x.so"])
    assert vendored_packages(tmp_path).names == {"nobody_has_this"}


async def test_a_worker_has_the_copy_of_its_project(tmp_path, host, account):
    package(tmp_path / "python_modules", "yaml", ["yaml/__init__.py"])
    worker = host("""
from workers import Response, WorkerEntrypoint
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        import yaml
        return Response(yaml.ORIGIN)
""")
    assert await ask(account(worker)) == (200, "python_modules")
    import yaml

    assert not hasattr(yaml, "ORIGIN")
