"""How the plan is made, for its readers: the last section of the page."""

from ops.capacity.growth import LEAST_DAYS, WINDOW_DAYS
from ops.capacity.model import CONFIDENCE, PAGE

METHOD = f"""\
## Method

- **Bytes per row** are those on disk (`v_capacity_size`, the same bytes as `pg_total_relation_size()`), free space
  included, divided by the rows that are there. What an empty partition, an empty index or a map takes is counted
  apart, so that a small catalogue does not make its rows look large. Folds and refreshes rewrite the summary and the
  views, whose free space makes an entry look larger, in a catalogue just loaded most of all. Detached partitions
  (schema `archive`) count too.
- **Their interval** has two parts: {CONFIDENCE} standard errors of the mean stored size of a geometry (the next ones
  may be larger or smaller than those that are there), and one page a file ({PAGE} bytes), full or empty. It
  holds for geometries like those that are there; a survey with finer lines is another matter.
- **WAL per row** is the difference of `pg_current_wal_insert_lsn()` around real inserts: copies of stored rows go into
  empty twins of all tables that an ingest, the fold and the views' refresh write, in one transaction that is rolled
  back. A copy compresses as its original did, since TOAST compresses each value by itself: copies are not favoured.
  The inserts are single rows; the ingest's COPY writes a little less. Full-page images after a checkpoint come on
  top, at most one for each page of an index touched between two checkpoints.
- **Baseline**: the rows of the last {WINDOW_DAYS} days by `created_at`; a history of {LEAST_DAYS} days up to that is
  annualised without its first day, whose rows are the stock that the catalogue opened with.
- **Projection**: `t` years from the plan's day, `baseline x (1 + g) x ((1 + g)^t - 1) / g` rows have come, so that
  each twelve months bring `1 + g` times the twelve before. Bytes are rows times bytes per row, plus one more empty
  partition a year. Nothing is taken off for retention: detached partitions stay on disk.
- **The alert** fires when more is there than the scenario `high` has for the *end* of the current year, in rows or
  in bytes with their margin (column `exceeded` of `v_capacity_status`). A survey comes in one day and would stand
  above any line that rises evenly; the error columns compare with that line, for people."""
