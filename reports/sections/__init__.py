"""The sentences of all ledgers, one module a topic; deterministic, in official register."""
