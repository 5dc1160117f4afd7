"""What wrangler 3.114.17 and 4.86.0 wrote of builds that fail, read as problems."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeday.hosting.javascript.wrangler_output import problems_of, warnings_of

BASE = Path("/srv/shop")
FAILED = """
\x1b[31m✘ \x1b[41;31m[\x1b[41;97mERROR\x1b[41;31m]\x1b[0m \x1b[1mBuild failed with 3 errors:\x1b[0m

  ✘ [ERROR] Unexpected ";"
  
      src/w.ts:3:18:
  \x1b[37m      3 │ const a: string = \x1b[32m;\x1b[37m
          ╵                   \x1b[32m^\x1b[0m
  
  
  ✘ [ERROR] Could not resolve "@scope/hono/tiny"
  
      src/w.ts:1:21:
        1 │ import { Hono } from "@scope/hono/tiny";
          ╵                      ~~~~~~~~~~~~~~~~~~
  
    To fix this, you can add an entry to "alias" in your Wrangler configuration.
    For more guidance see: https://developers.cloudflare.com/workers/wrangler/configuration/#bundling-issues
    
  
  
  ✘ [ERROR] Could not resolve "fs"
  
      w.ts:3:15:
        3 │ import fs from "fs";
          ╵                ~~~~
  
    The package "fs" wasn't found on the file system but is built into node.
    - Add the "nodejs_compat" compatibility flag to your project.
    
  
  


🪵  Logs were written to "logs/wrangler.log"
"""  # noqa: W293, as it is written
CONFIGURATION = """
✘ [ERROR] Processing wrangler.jsonc configuration:

    - r2_buckets[0].bucket_name="b" is invalid. Bucket names must begin with a letter.
    - "r2_buckets[1]" bindings should have a string "binding" field but got {"binding":3}.


🪵  Logs were written to "logs/wrangler.log"
"""
CUSTOM_BUILD = """
[custom build] Running: npm run build
✘ [ERROR] Error: Command failed with exit code 1: npm run build

  missing script
      at makeError (wrangler-dist/cli.js:54995:18)
    shortMessage: 'Command failed with exit code 1: npm run build',
    isCanceled: false,
  }

✘ [ERROR] Running custom build `npm run build` failed. There are likely more logs.
"""
WARNED = """
▲ [WARNING] Multiple environments are defined in the Wrangler configuration file

▲ [WARNING] Duplicate key "a" in object literal [duplicate-object-key]

    w2.ts:3:23:
      3 │ export default { a: 1, a: 2 };
        ╵                        ^

  The original key "a" is here:

    w2.ts:3:17:
      3 │ export default { a: 1, a: 2 };
        ╵                  ^

Total Upload: 0.15 KiB / gzip: 0.15 KiB
"""


def test_each_error_of_a_build_has_its_place_its_line_and_what_to_try():
    unexpected, package, builtin = problems_of(FAILED, BASE, "wrangler.jsonc")
    assert unexpected.where == "/srv/shop/src/w.ts:3:19"
    assert unexpected.what == 'Unexpected ";"'
    assert unexpected.excerpt == "     3 | const a: string = ;\n       |                   ^"
    assert (package.where, package.hint) == ("/srv/shop/src/w.ts:1:22", "npm i @scope/hono installs it")
    assert "nodejs_compat" in builtin.hint
    assert "npm i" not in builtin.hint


def test_each_error_of_a_configuration_is_one_of_its_file():
    first, second = problems_of(CONFIGURATION, BASE, "worker.ts")
    assert first.path == second.path == "/srv/shop/wrangler.jsonc"
    assert first.what.startswith("r2_buckets[0].bucket_name")


def test_a_build_command_that_fails_is_shown_without_the_stack_of_wrangler():
    first, second = problems_of(CUSTOM_BUILD, BASE, "wrangler.jsonc")
    assert (first.path, first.hint) == ("wrangler.jsonc", "missing script")
    assert "npm run build" in second.what


@pytest.mark.parametrize("output", ["", "Segmentation fault\n", WARNED])
def test_where_no_error_is_written_the_last_lines_are_shown(output):
    (problem,) = problems_of(output, BASE, "wrangler.jsonc")
    assert problem.what == "wrangler does not build it"
    last = [line.strip() for line in problem.hint.splitlines()[-1:]]
    assert last == output.splitlines()[-1:]


def test_warnings_about_code_are_told_with_the_place_that_they_are_about():
    assert warnings_of(WARNED, BASE) == ('/srv/shop/w2.ts:3:24: Duplicate key "a" in object literal',)


def test_an_error_is_no_warning_and_a_warning_no_error():
    assert warnings_of(FAILED, BASE) == ()
    assert len(problems_of(WARNED + FAILED, BASE, "wrangler.jsonc")) == 3
