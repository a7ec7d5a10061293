"""Chat Completions answers as Messages answers: streamed (`stream`), whole (`completion`), failed (`errors`)."""
