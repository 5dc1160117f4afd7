"""The source of JavaScript and TypeScript workers, read by its syntax tree. Nothing of it is run.

From the ground up: `syntax` (one file as nodes), `scopes` (what names are declared as), `files` (where texts
are, on the disk or in a bundle; `aliases`: what a tsconfig calls them), `modules` (a worker's files, what
they give each other), `functions` (what a call runs), `texts` (what is known of a text), `meaning` (what of a
request an expression is), `patterns` (how paths are written), `conditions` (which requests a condition lets
through), `keys` (what is taken from a path), `reads` (what code reads of a request), `routers` and `tables`
(how frameworks and tables name routes), `statements` (where code leads), `collected` (which routes a person
wants), `environment` (what is of `env`).

Above them, a question each: `routes`, `origins`, `bindings`, `variables`, `handlers`.
"""
