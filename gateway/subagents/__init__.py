"""Subagents at run time: which one calls, and what the gateway remembers of them.

    request  -> service.identify     who calls (routing.identification), then the name: memory, database, definitions
    answer   -> launch_watch         the tool calls that start subagents, known before the client has read them
    thread   -> writer               launches, sightings and names, into the database and the log

`judgement` decides what the evidence says, and is pure. `memory` holds the evidence of this process; `lookups` asks the
database for that of others, never for longer than a request may wait; `definitions` watches the definition files.
`backlog` is what the event loop hands to the writer: nothing in a request's path waits for a write.
"""
