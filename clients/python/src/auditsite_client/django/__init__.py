"""For producers built on Django: context from the request, and an outbox in the producer's own transaction."""
