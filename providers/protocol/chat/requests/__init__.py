"""From a Messages request to a Chat Completions request; `request.convert_request` is the way in."""
