"""Who is calling: the main loop, a side call, or which subagent. Pure: no I/O, no clock, no database.

A subagent's calls carry an id, and never a name. There are three ways to the name, and each leaves the same trace on
the subagent's own calls:

1.  The parent's response holds the tool call that starts the subagent (`spawns`); the digest of its prompt is found
    again in the subagent's first call (`callers`).
2.  The agent's prompt, without what the client puts around it, is the same in every project (`prompts`); whose prompt
    it is has been learned by 1 or is known from a definition file (`definitions`).
3.  A client whose surroundings are not known yet still begins the prompt with the definition's body (`known_bodies`).

What exists without having been called is told by the client too (`announcements`).
"""
