"""Signal, by signal-cli-rest-api in json-rpc mode, on a private network (https://github.com/bbernhard/signal-cli-rest-api).

It calls nobody and signs nothing: we read from its socket. What comes while nobody reads is lost, and so is what comes
faster than it is read (`ReceiveData` in its `src/client/jsonrpc2.go`).
"""
