"""The web page of the sandbox, and the HTTP server."""
