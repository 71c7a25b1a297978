"""Files that people write, as TOML: read into a model, with every mistake named by file, line and key.

What a document says is the business of its model; nothing here knows one.
"""
