"""Values of the program: frozen, without I/O, in no channel's dialect."""
