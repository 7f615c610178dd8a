"""Sales & Operations Planning as a data pipeline.

Rooms: `planning` thinks (pure functions), `warehouse` remembers (contracts, lake), `sources` lands extracts, `release`
publishes, `pack` draws. `settings`, `schedules`, `definitions` and `cli` compose them. The README has the map.
"""
