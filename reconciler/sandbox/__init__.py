"""Made-up vendors that answer as strictly as the real ones, without a network: for tests and the demo."""
