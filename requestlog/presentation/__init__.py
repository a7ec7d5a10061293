"""What the log's pages show, built from stored entries and bodies. Pure: no database, no HTTP, no HTML.

Whatever a client or an upstream sent must be showable, so nothing here raises on log data: a shape that is not known is
shown as JSON, and what is no JSON as text.
"""
