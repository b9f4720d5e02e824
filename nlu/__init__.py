"""Understanding of what reporters write: the NLU server, and the client's side of it."""
