"""The pages. Each reads like a table of contents; questions, drawing and wording are elsewhere."""
