"""The client library: submit to a log and read from it over HTTP."""
