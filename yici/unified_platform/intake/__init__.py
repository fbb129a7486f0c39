"""Taking in submissions: batches, parts, completion, acknowledgements."""
