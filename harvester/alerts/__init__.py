"""Deliver what rang: an outbox in the archive, webhooks, files, programs, Apprise.

``deliverer`` takes what is due and records what came of it; ``messages`` makes what is
sent; ``channels`` sends it. Each delivery has an id made of content: it is sent at least
once, and a receiver tells by its id whether it has it. What rings is decided in
``ingest.alert_rings``, in the transaction of what it is about.
"""
