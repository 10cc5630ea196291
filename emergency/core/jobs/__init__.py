"""Background work: ``services.enqueue`` asks for it, a ``runner.handler`` in an app's tasks does it."""
