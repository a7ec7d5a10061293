"""The configuration as one document: written, read back, compared, and restored.

`document` turns rows into plain data and `applying` makes the rows be what such data say; `sections` says for each
part how. Files are YAML (`source`, `dumping`) with environment names in it (`environment`); `go_proxy` reads another
program's format. A revision keeps the same data, so that restoring one is applying them (`restoring`).
"""
