"""OpenAI's Chat Completions format, and what has to happen between it and the Messages format."""
