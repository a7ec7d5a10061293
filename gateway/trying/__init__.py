"""Trying the routes with a request, without sending anything.

forms        what the page takes: an exchange of the log, or a pasted request
requests     either of them as one value, and as the call that the engine decides about
edited_rule  a rule as its form in the admin holds it, not saved, among the others as they are stored
outgoing     the request that would go out, made by the same adapters that make the real one
trial        all of it together
views        the page
"""
