"""Talk from elsewhere: Stack Exchange dumps and NDJSON.

`stackexchange` and `ndjson` read files into the rows of `rows`; `words` makes Markdown and HTML of their texts, in
several processes; `load` compares with what is here and writes; `run` does it in order. Running it again changes
nothing, and a later dump adds what is new: numbers of posts never change.

Kept apart from the actions, and this file empty of imports, because the processes that make texts load no models.
"""
