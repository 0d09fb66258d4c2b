"""Who writes when no model can: from the expert's own facts, with sentence patterns that are data.

`patterns` has the languages, the words and the writer that fills them; bio, service and seo say what goes where. The
same facts give the same text, another wish gives another one.
"""
