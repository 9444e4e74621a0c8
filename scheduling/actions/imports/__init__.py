"""Files of areas, kinds of work, customers and jobs to tables: idempotent, in batches, refusing row by row."""
